// The plain code of the chapter.
