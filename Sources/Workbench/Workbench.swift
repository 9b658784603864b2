// Programs that print use numbers as text everywhere.
@_exported import NumberText
