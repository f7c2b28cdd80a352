"""``cfuforge model``."""

import typer

model_app = typer.Typer(help="What is in a model.", no_args_is_help=True)


@model_app.command()
def inspect() -> None:
    """Dummy."""
