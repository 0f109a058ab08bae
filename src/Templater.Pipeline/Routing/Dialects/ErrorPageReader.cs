using System.Collections.Immutable;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads the pages that a route shows in the place of errors.</summary>
internal static class ErrorPageReader
{
    private const string Start = "errors.";

    /// <summary>Reads them, single statuses before classes.</summary>
    /// <param name="reader">The route's labels.</param>
    public static ImmutableArray<ErrorPage> Read(LabelReader reader)
    {
        var pages = new SortedSet<ErrorPage>(Comparer<ErrorPage>.Create(ErrorPageParser.Compare));
        foreach (var (status, label, value) in reader.Group(Start))
        {
            if (!ErrorPageParser.IsStatus(status))
                reader.Complain(Start + status, label, value, ErrorPageParser.LegalStatus);
            else if (!ErrorPageParser.TryParse(status, value.Trim(), out var page))
                reader.Complain(Start + status, label, value, ErrorPageParser.Legal);
            else if (pages.Count == ErrorPageParser.MaxPages)
                reader.Complain(Start + status, label, value, $"no more than {ErrorPageParser.MaxPages} pages");
            else
                pages.Add(page);
        }

        return [.. pages];
    }
}
