namespace Templater.Language;

internal sealed partial class ForeignSyntax
{
    private readonly Stack<int> _open = new();
    private readonly HashSet<int> _branched = [];
    private readonly List<(int Opening, int End)> _closed = [];

    // Counts blocks, with the words that begin and end them elsewhere, so that one foreign word is one message.
    private void MatchBlocks()
    {
        for (var i = 0; i < _tokens.Count; i++)
        {
            if (KindAt(i) != TokenKind.Identifier || KindAt(i - 1) is TokenKind.Dot or TokenKind.QuestionDot || KindAt(i + 1) is TokenKind.Dot or TokenKind.QuestionDot)
                continue;
            var word = TextAt(i);
            if (word == "when" && _open.TryPeek(out var around))
                _branched.Add(around);
            if (word == "case" && IsStatementStart(i) && _open.TryPeek(out var outer) && IsWord(outer, "case") && !_branched.Contains(outer))
                Add(i, i, "a branch of a \"case\" begins with \"when\"", $"write when {TextAt(i + 1)}");
            else if (word == "do" || (IsStatementStart(i) && Opens(i, word)))
                _open.Push(i);
            else if (IsStatementStart(i) && (word == "end" || (ForeignWords.IsClosing(word) && !_declared.Contains(word))))
                Close(i, word);
            else if (IsStatementStart(i) && word is "else" or "when" && _open.Count == 0)
                Add(At(i).Span, At(i).Span, $"\"{word}\" does not belong to any open block", After(), id: "unmatched-end");
        }
        foreach (var opening in _open.Reverse().Take(DiagnosticBag.Most))
        {
            var culprit = Culprit(opening);
            Add(At(culprit).Span, At(culprit).Span, $"this \"{TextAt(culprit)}\" is never closed", Expected(opening, culprit), id: "unclosed-block");
        }
    }

    private bool Opens(int index, string word)
    {
        if (word == "func")
            return KindAt(index + 1) is TokenKind.Identifier or TokenKind.LocalName;
        return word is "if" or "for" or "while" or "case" or "capture" or "with" or "wrap" or "tablerow" || (ForeignWords.IsOpening(word) && !_declared.Contains(word));
    }

    private void Close(int index, string word)
    {
        if (_open.TryPop(out var opening))
            _closed.Add((opening, index));
        else if (word == "end")
            Add(At(index).Span, At(index).Span, "\"end\" does not belong to any open block", After(), id: "unmatched-end");
    }

    private string After() => _closed.Count == 0 ? "" : $"the \"end\" in line {LineOf(_closed[^1].End)} closes the last block, the \"{TextAt(_closed[^1].Opening)}\" of line {LineOf(_closed[^1].Opening)}";

    // An "end" that stands under another block than the one it closes tells which one lacks its own.
    private int Culprit(int opening)
    {
        var indent = IndentOf(opening);
        foreach (var (inner, end) in _closed)
            if (inner > opening && IndentOf(end) == indent && IndentOf(inner) > indent)
                return inner;
        return opening;
    }

    private string Expected(int opening, int culprit)
    {
        if (culprit != opening || _closed.FindLast(pair => pair.Opening > opening) is not { End: > 0 } last)
            return "expected {{ end }}";
        return $"expected {{{{ end }}}}; the \"end\" in line {LineOf(last.End)} closes the \"{TextAt(last.Opening)}\" of line {LineOf(last.Opening)}";
    }

    private int LineOf(int index) => _source.GetLineAndColumn(At(index).Start).Line;

    private int IndentOf(int index)
    {
        var line = _source.GetLine(LineOf(index));
        return line.Length - line.TrimStart().Length;
    }
}
