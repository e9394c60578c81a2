"""Writes the manual pages of a program from its own help: manual.py PROGRAM FOLDER.

One page for the program and one for each command, from what `--experimental-dump-help` of swift-argument-parser prints.
"""
import json
import subprocess
import sys
from pathlib import Path


def escaped(text):
    """Text as roff takes it: a dot or an apostrophe at the beginning of a line would be a request."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def spelling(argument):
    if argument["kind"] == "positional":
        return f"\\fI{escaped(argument['valueName'])}\\fR"
    names = [("--" if n["kind"] == "long" else "-") + n["name"] for n in argument["names"]]
    text = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names)
    if argument["kind"] == "option":
        text += f" \\fI{escaped(argument['valueName'])}\\fR"
    return text


def discussion(command):
    """Paragraphs; what is indented is an example and stays as it is."""
    parts = []
    for paragraph in command.get("discussion", "").split("\n\n"):
        lines = paragraph.split("\n")
        is_example = any(line.startswith(" ") for line in lines) or lines[0].startswith("Example")
        parts += [".PP", ".nf" if is_example else "", escaped(paragraph), ".fi" if is_example else ""]
    return [part for part in parts if part]


def page(command, name, version, others):
    shown = [a for a in command.get("arguments", []) if a["shouldDisplay"]]
    lines = [
        f'.TH "{escaped(name.replace(" ", "-")).upper()}" "1" "" "outrider {escaped(version)}" "Outrider"',
        ".SH NAME", f"{escaped(name.replace(' ', '-'))} \\- {escaped(command['abstract'].rstrip('.'))}",
        ".SH SYNOPSIS", f"\\fB{escaped(name)}\\fR",
    ]
    for argument in shown:
        lines.append(f"[{spelling(argument)}]" if argument["isOptional"] else spelling(argument))
    if command.get("subcommands"):
        lines.append("\\fIcommand\\fR [\\fIoption\\fR ...]")
    lines += [".SH DESCRIPTION"] + discussion(command)
    commands = [c for c in command.get("subcommands", []) if c["shouldDisplay"] and c["commandName"] != "help"]
    if commands:
        lines.append(".SH COMMANDS")
        for other in commands:
            lines += [".TP", f"\\fB{escaped(other['commandName'])}\\fR", escaped(other["abstract"])]
    if shown:
        lines.append(".SH OPTIONS")
        for argument in shown:
            text = argument.get("abstract", "")
            if argument.get("defaultValue"):
                text += f" Default: {argument['defaultValue']}."
            lines += [".TP", spelling(argument), escaped(text)]
    lines += [".SH SEE ALSO", ", ".join(f"\\fB{escaped(o.replace(' ', '-'))}\\fR(1)" for o in others if o != name)]
    return "\n".join(lines) + "\n"


def main():
    program, folder = sys.argv[1], Path(sys.argv[2])
    dump = json.loads(subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True).stdout)
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    top = dump["command"]
    commands = [c for c in top["subcommands"] if c["shouldDisplay"] and c["commandName"] != "help"]
    names = ["outrider"] + [f"outrider {c['commandName']}" for c in commands]
    folder.mkdir(parents=True, exist_ok=True)
    for command, name in zip([top] + commands, names):
        (folder / f"{name.replace(' ', '-')}.1").write_text(page(command, name, version, names), encoding="utf-8")


main()
