// The chapter's module.
