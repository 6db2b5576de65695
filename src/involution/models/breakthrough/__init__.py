"""How far moving each lever offsets a rise of the treatment: contrasts of one joint model."""
