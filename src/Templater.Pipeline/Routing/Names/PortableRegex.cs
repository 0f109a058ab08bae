namespace Templater.Pipeline.Routing.Names;

/// <summary>
/// The regular expressions that container labels may hand to a proxy: the part of the syntax that PCRE2 and .NET
/// read the same way. Look-around, back references, named groups (in nginx they define variables), possessive
/// quantifiers and Unicode classes are refused, so that an expression can neither fail to compile in the proxy
/// nor change anything but what it matches. Pure.
/// </summary>
internal static class PortableRegex
{
    /// <summary>Most UTF-16 characters of an expression.</summary>
    public const int MaxLength = 2000;

    private const int MaxDepth = 20;
    private const int MaxRepeat = 1000;
    private const string CaseFlag = "(?i)";

    /// <summary>Why the expression is refused, as the end of a sentence that begins with it; null when it is fine.</summary>
    /// <param name="expression">The expression.</param>
    public static string? Problem(string expression)
    {
        if (expression.Length > MaxLength)
            return "has more than 2,000 characters";
        if (Untrusted.HasControl(expression))
            return "contains a control character";
        if (!Untrusted.IsWellFormed(expression))
            return "is not valid Unicode";
        var start = expression.StartsWith(CaseFlag, StringComparison.Ordinal) ? CaseFlag.Length : 0;
        var reader = new Reader(expression, start);
        reader.Alternatives(depth: 0);
        return reader.Problem ?? (reader.AtEnd ? null : "has an unmatched closing parenthesis");
    }

    private ref struct Reader(string text, int start)
    {
        private int _at = start;

        public string? Problem { get; private set; }

        public readonly bool AtEnd => _at >= text.Length;

        private readonly char Current => text[_at];

        public void Alternatives(int depth)
        {
            if (depth > MaxDepth)
                Fail("nests more than 20 groups");
            while (Problem is null && !AtEnd && Current != ')')
            {
                if (Current == '|')
                    _at++;
                else
                    Piece(depth);
            }
        }

        private void Piece(int depth)
        {
            var first = _at;
            var repeatable = Atom();
            if (text[first] == '(')
                GroupBody(depth);
            else if (Problem is null)
                Quantifier(repeatable, 1);
        }

        private void GroupBody(int depth)
        {
            if (Peek("?:"))
                _at += 2;
            else if (Peek("?"))
                Fail("uses a group with '(?', of which only '(?:' is supported, and '(?i)' at the start");
            var inside = _at;
            Alternatives(depth + 1);
            if (Problem is not null)
                return;
            if (AtEnd)
            {
                Fail("has an unmatched opening parenthesis");
                return;
            }

            _at++;
            Quantifier(true, LargestCount(inside, _at - 1));
        }

        /// <summary>Reads one atom, or only the parenthesis of a group; true when a quantifier may follow.</summary>
        private bool Atom()
        {
            var c = text[_at++];
            switch (c)
            {
                case '(':
                    return true;
                case '[':
                    Class();
                    return true;
                case '\\':
                    return Escape(insideClass: false);
                case '^' or '$':
                    return false;
                case '*' or '+' or '?':
                    Fail("has a quantifier with nothing before it");
                    return false;
                case '{':
                    Fail("has a brace that is no quantifier; write \\{");
                    return false;
                default:
                    return true;
            }
        }

        private bool Escape(bool insideClass)
        {
            if (AtEnd)
            {
                Fail("ends in a backslash");
                return false;
            }

            var c = text[_at++];
            if (c is 'd' or 'D' or 'w' or 'W' or 's' or 'S')
                return true;
            if (c is 'b' or 'B' && !insideClass)
                return false;
            // .NET reads \< and \' as references to a group, some programs as word boundaries.
            if (!char.IsAscii(c) || char.IsAsciiLetterOrDigit(c) || c is '<' or '>' or '\'' or '`')
                Fail($"uses \\{c}, which is not supported");
            return true;
        }

        private void Class()
        {
            if (Peek("^"))
                _at++;
            var first = _at;
            while (Problem is null && !AtEnd && (Current != ']' || _at == first))
            {
                if (Current == ']')
                    Fail("has an empty character class; write \\]");
                else
                    ClassItem();
            }

            if (Problem is not null)
                return;
            if (AtEnd)
                Fail("has an unmatched opening bracket");
            _at++;
        }

        private void ClassItem()
        {
            var low = ClassCharacter();
            if (Problem is not null || !Peek("-") || _at + 1 >= text.Length || text[_at + 1] == ']')
                return;
            _at++;
            var high = ClassCharacter();
            if (Problem is null && (low is null || high is null || low > high))
                Fail("has a range in a character class that is out of order");
        }

        /// <summary>One character of a class; null for a shorthand such as <c>\d</c>.</summary>
        private char? ClassCharacter()
        {
            var c = text[_at++];
            if (c == '\\')
            {
                Escape(insideClass: true);
                var escaped = text[_at - 1];
                return char.IsAsciiLetter(escaped) ? null : escaped;
            }

            if (c == '[' || !char.IsAscii(c))
                Fail("has a character class with a bracket or a letter outside ASCII");
            return c;
        }

        private void Quantifier(bool repeatable, int inside)
        {
            if (AtEnd || Current is not ('*' or '+' or '?' or '{'))
                return;
            if (!repeatable)
            {
                Fail("repeats something that matches no character");
                return;
            }

            if (text[_at++] == '{' && (Count() is not { } count || (long)count * inside > MaxRepeat))
            {
                Fail("has a repetition that is malformed or exceeds 1,000");
                return;
            }

            if (Peek("?"))
                _at++;
            if (!AtEnd && Current is '*' or '+' or '?' or '{')
                Fail("has two quantifiers in a row");
        }

        /// <summary>Reads <c>n}</c>, <c>n,}</c> or <c>n,m}</c>; null when it is none of them.</summary>
        private int? Count()
        {
            if (Digits() is not { } low)
                return null;
            var high = low;
            if (Peek(","))
            {
                _at++;
                high = Peek("}") ? low : Digits() ?? -1;
            }

            if (!Peek("}") || high < low)
                return null;
            _at++;
            return high;
        }

        private int? Digits()
        {
            var first = _at;
            while (!AtEnd && char.IsAsciiDigit(Current) && _at - first < 4)
                _at++;
            return _at == first ? null : int.Parse(text.AsSpan(first, _at - first), System.Globalization.CultureInfo.InvariantCulture);
        }

        // Counted repetitions multiply when they are nested, and PCRE2 expands them when it compiles.
        private readonly int LargestCount(int from, int to)
        {
            var largest = 1;
            for (var i = from; i < to; i++)
            {
                if (text[i] != '{' || text[i - 1] == '\\')
                    continue;
                var inner = new Reader(text, i + 1);
                largest = Math.Min(MaxRepeat, largest * Math.Max(1, inner.Count() ?? 1));
            }

            return largest;
        }

        private readonly bool Peek(string expected) =>
            string.CompareOrdinal(text, _at, expected, 0, expected.Length) == 0;

        private void Fail(string what) => Problem ??= what;
    }
}
