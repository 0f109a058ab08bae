using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// Splits a command line into words as a POSIX shell would (XCU 2.2, 2.3), without being a shell: quotes and backslashes
/// group characters, everything else is an ordinary character. An unquoted operator of the shell is an error and not a
/// word, because whoever writes <c>a | b</c> expects a pipe and would silently get an argument.
/// </summary>
internal static class PosixWords
{
    private const int MaxLength = 32 * 1024;

    // What a shell would act on; passing it on as text would do something else than was meant.
    private const string Operators = "|&;<>()`\n";

    public static bool TrySplit(string text, out ImmutableArray<string> words, [NotNullWhen(false)] out string? problem)
    {
        words = [];
        if (text.Length > MaxLength)
        {
            problem = $"is longer than {MaxLength} characters";
            return false;
        }

        var splitter = new Splitter(text);
        problem = splitter.Run();
        if (problem is not null)
            return false;
        words = [.. splitter.Words];
        if (words.Length == 0 || words[0].Length == 0)
            problem = "names no program";
        return problem is null;
    }

    private sealed class Splitter(string text)
    {
        private readonly StringBuilder _word = new();
        private bool _inWord;
        private int _position;

        public List<string> Words { get; } = [];

        public string? Run()
        {
            while (_position < text.Length)
            {
                if (Next() is { } problem)
                    return problem;
            }

            EndWord();
            return null;
        }

        private string? Next()
        {
            var c = text[_position++];
            switch (c)
            {
                case ' ' or '\t':
                    EndWord();
                    return null;
                case '\0':
                    return "contains a NUL character";
                case '\'':
                    return SingleQuoted();
                case '"':
                    return DoubleQuoted();
                case '\\' when _position == text.Length:
                    return "ends with a backslash that escapes nothing";
                case '\\':
                    Append(text[_position++]);
                    return null;
                default:
                    if (Operators.Contains(c, StringComparison.Ordinal))
                        return $"contains an unquoted '{(c == '\n' ? "\\n" : c)}', and no shell is involved; quote it, or name a shell: sh -c '...'";
                    Append(c);
                    return null;
            }
        }

        private string? SingleQuoted()
        {
            var end = text.IndexOf('\'', _position);
            if (end < 0)
                return "has a single quote that is not closed";
            _inWord = true;
            _word.Append(text, _position, end - _position);
            _position = end + 1;
            return null;
        }

        private string? DoubleQuoted()
        {
            _inWord = true;
            while (_position < text.Length)
            {
                var c = text[_position++];
                if (c == '"')
                    return null;
                // XCU 2.2.3: within double quotes a backslash escapes only these; elsewhere it stands for itself.
                if (c == '\\' && _position < text.Length && "\"\\$`".Contains(text[_position], StringComparison.Ordinal))
                    c = text[_position++];
                _word.Append(c);
            }

            return "has a double quote that is not closed";
        }

        private void Append(char c)
        {
            _inWord = true;
            _word.Append(c);
        }

        private void EndWord()
        {
            if (_inWord)
                Words.Add(_word.ToString());
            _word.Clear();
            _inWord = false;
        }
    }
}
