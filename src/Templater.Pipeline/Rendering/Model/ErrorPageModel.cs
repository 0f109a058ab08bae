using System.Globalization;
using Templater.Pipeline.Routing;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>What templates see of pages in the place of errors.</summary>
internal static class ErrorPageModel
{
    private const int OneClass = 100;

    public static readonly ModelObject<ErrorPage> Page = new("error_page",
    [
        new("status", Plain, "Three digits, or 4xx or 5xx for all of a class that have no page of their own.", page => PlainText(page.Status)),
        new("codes", PlainList, "The statuses, one by one.", page => PlainTexts(Codes(page))),
        new("path", Untrusted, "Path of the page, with a query if there is one; of characters that no proxy takes for syntax. Empty is the path that was asked for.", page => UntrustedText(page.Path)),
        new("host", Plain.OrNull(), "Address of the container that has it, as it stands in front of a port; null = the servers of the route.", page => PlainText(RouteModel.Bracketed(page.Address))),
        new("port", Number, "Its port; 0 for the servers of the route.", page => Whole(page.Port)),
    ]);

    // nginx keeps some numbers for itself: of a connection that it closes, and of mistakes that come before there is a request.
    private static IEnumerable<string> Codes(ErrorPage page)
    {
        if (!page.IsClass)
            return [page.Status];
        var first = (page.Status[0] - '0') * OneClass;
        return Enumerable.Range(first, OneClass).Where(static code => code is not (444 or (>= 494 and <= 499))).Select(static code => code.ToString(CultureInfo.InvariantCulture));
    }
}
