"""All tables and figures of a study in one document: Word, LaTeX, and a workbook of the tables."""
