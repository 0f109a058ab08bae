using System.CommandLine;
using Templater.Cli.Options;

namespace Templater.Cli.Commands;

/// <summary><c>templater completion SHELL</c>: a script that makes the shell complete commands and flags.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # templater completion: source this file, or put it into /etc/bash_completion.d/
        _templater() {
            local words word="${COMP_WORDS[COMP_CWORD]}"
            [ "${word}" = '=' ] && word=''
            words="$(templater "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
            mapfile -t COMPREPLY < <(compgen -W "${words}" -- "${word}")
            if [ "${#COMPREPLY[@]}" -eq 0 ]; then
                mapfile -t COMPREPLY < <(compgen -f -- "${word}")
            fi
        }
        complete -o filenames -F _templater templater

        """;

    private const string Zsh = """
        #compdef templater
        # templater completion: put this file into a directory of $fpath as _templater
        _templater() {
            local -a suggestions
            suggestions=(${(f)"$(templater "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)"})
            compadd -a suggestions || _files
        }
        compdef _templater templater

        """;

    private const string Fish = """
        # templater completion: put this file into ~/.config/fish/completions/templater.fish
        function __templater_complete
            set -l words (templater "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)
            if test (count $words) -gt 0
                printf '%s\n' $words
            else
                __fish_complete_path (commandline -ct)
            end
        end
        complete -c templater -f -a '(__templater_complete)'

        """;

    public static Command Create(Surroundings surroundings)
    {
        var shell = Choices.Argument("SHELL", "The shell to print it for", "bash", "zsh", "fish");
        var command = new Command("completion", "Print a script for the shell that completes commands and flags.") { shell };
        command.SetAction(parse =>
        {
            surroundings.Output.Write(parse.GetRequiredValue(shell) switch
            {
                "zsh" => Zsh,
                "fish" => Fish,
                _ => Bash,
            });
            return ExitCode.Done;
        });
        return command;
    }
}
