using System.Globalization;
using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>How many cases of a corpus are answered as the original answers them.</summary>
internal sealed class Score
{
    private readonly List<string> _wrong = [];

    /// <summary>Cases that have an output.</summary>
    public int Outputs { get; private set; }

    /// <summary>Those of <see cref="Outputs"/> with the same output.</summary>
    public int SameOutputs { get; private set; }

    /// <summary>Cases that are errors.</summary>
    public int Errors { get; private set; }

    /// <summary>Those of <see cref="Errors"/> that are errors here, too.</summary>
    public int AlsoErrors { get; private set; }

    /// <summary>Those of <see cref="Errors"/> that are errors of the same line and column.</summary>
    public int SamePlaces { get; private set; }

    /// <summary>What is not as in the original: one line for each case.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>Answers all cases of a file.</summary>
    public static Score Of(string corpus)
    {
        var score = new Score();
        foreach (var line in File.ReadLines(corpus).Where(line => line.Length > 0))
        {
            using var row = JsonDocument.Parse(line);
            score.Add(row.RootElement);
        }
        return score;
    }

    /// <summary>Whether enough is right.</summary>
    /// <param name="wrong">Most cases with another output, an error in its place, or an output in the place of an error.</param>
    /// <param name="places">Least part of the errors that must have the same place, in percent.</param>
    public bool Reaches(int wrong, int places) =>
        Outputs - SameOutputs + (Errors - AlsoErrors) <= wrong && SamePlaces * 100L >= Errors * (long)places;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"outputs: {SameOutputs} of {Outputs} as in the original; errors: {AlsoErrors} of {Errors} are errors, {SamePlaces} of them at the same place");

    private void Add(JsonElement row)
    {
        var (isError, text) = Batch.Answer(row);
        var expected = row.GetProperty("expected").GetString()!;
        if (row.GetProperty("kind").GetString() == "ok")
        {
            Outputs++;
            var isSame = !isError && text == expected;
            SameOutputs += isSame ? 1 : 0;
            Note(row, isSame, expected, text);
            return;
        }
        Errors++;
        AlsoErrors += isError ? 1 : 0;
        var place = row.GetProperty("error_pos");
        // The first message begins with "NAME(line,column)", and no name of the corpus has a parenthesis.
        var isThere = isError && text[text.IndexOf('(', StringComparison.Ordinal)..].StartsWith(string.Create(CultureInfo.InvariantCulture, $"({place[0].GetInt32()},{place[1].GetInt32()})"), StringComparison.Ordinal);
        SamePlaces += isThere ? 1 : 0;
        Note(row, isThere, expected, text);
    }

    private void Note(JsonElement row, bool isRight, string expected, string text)
    {
        if (!isRight)
            _wrong.Add($"{row.GetProperty("id")} {row.GetProperty("template").GetRawText()}\n    original: {expected.ReplaceLineEndings("\\n")}\n    here:     {text.ReplaceLineEndings("\\n")}");
    }
}
