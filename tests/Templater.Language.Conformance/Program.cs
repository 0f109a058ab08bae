using System.Globalization;

namespace Templater.Language.Conformance;

/// <summary>Answers cases of a Scriban conformance corpus, and measures parse and render.</summary>
internal static class Program
{
    private const string Usage = """
        usage: Templater.Language.Conformance batch                    one JSON case a line on standard input, one JSON answer a line on standard output
               Templater.Language.Conformance bench TEMPLATE MODEL N   medians of N parses and N renders, as one JSON line
               Templater.Language.Conformance hostile                  one JSON object with "template" and "strict" a line on standard input, the id of its error and the milliseconds on standard output
               Templater.Language.Conformance score CORPUS [WRONG PLACES]
                                                                       what differs from the corpus; exit code 1 when more than WRONG outputs differ or errors are
                                                                       missing, or less than PLACES percent of the errors have the same line and column
        """;

    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["batch"]:
                Batch.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
                return 0;
            case ["bench", var template, var model, var count] when int.TryParse(count, out var turns) && turns > 0:
                Console.WriteLine(Bench.Run(File.ReadAllText(template), File.ReadAllText(model), turns));
                return 0;
            case ["hostile"]:
                Hostile.Run(Console.In, Console.Out);
                return 0;
            case ["score", var corpus, .. var floor] when floor.Length is 0 or 2:
                return Judge(corpus, floor);
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static int Judge(string corpus, string[] floor)
    {
        var score = Score.Of(corpus);
        var isEnough = floor.Length == 0 || score.Reaches(int.Parse(floor[0], CultureInfo.InvariantCulture), int.Parse(floor[1], CultureInfo.InvariantCulture));
        if (!isEnough || floor.Length == 0)
            foreach (var line in score.Wrong)
                Console.WriteLine(line);
        Console.WriteLine(score);
        return isEnough ? 0 : 1;
    }
}
