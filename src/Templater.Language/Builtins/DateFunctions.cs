using System.Collections.Immutable;
using System.Globalization;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>date</c>. Everything is UTC; the clock is the options' own.</summary>
internal static class DateFunctions
{
    private static FunctionParameter DateIn => In("date", Date);

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Scalar("date.now", "The time of the render.", Date, c => TemplateValue.From(c.TimeProvider.GetUtcNow())),
        Scalar("date.utc_now", "The time of the render.", Date, c => TemplateValue.From(c.TimeProvider.GetUtcNow())),
        Scalar("date.add_days", "The date that many days later.", Date, c => Add(c, TimeSpan.TicksPerDay), DateIn, In("days", Number)),
        Scalar("date.add_hours", "The date that many hours later.", Date, c => Add(c, TimeSpan.TicksPerHour), DateIn, In("hours", Number)),
        Scalar("date.add_minutes", "The date that many minutes later.", Date, c => Add(c, TimeSpan.TicksPerMinute), DateIn, In("minutes", Number)),
        Scalar("date.add_seconds", "The date that many seconds later.", Date, c => Add(c, TimeSpan.TicksPerSecond), DateIn, In("seconds", Number)),
        Scalar("date.add_milliseconds", "The date that many milliseconds later.", Date, c => Add(c, TimeSpan.TicksPerMillisecond), DateIn, In("millis", Number)),
        Scalar("date.add_months", "The date that many months later.", Date, c => AddMonths(c, 1), DateIn, In("months", Number)),
        Scalar("date.add_years", "The date that many years later.", Date, c => AddMonths(c, 12), DateIn, In("years", Number)),
        Scalar("date.parse", "The date that a text says, or null; date itself is a short form. Not strict: the first day of the year 1 if it says none.", Date, c => Parse(c, 1, 2), In("text", Text), Maybe("pattern", Text), Maybe("culture", Text)),
        TextOf("date.parse_to_string", "The date that a text says, by a pattern such as %Y-%m-%d.", c => "", In("text", Text), Maybe("output_pattern", Text), Maybe("output_culture", Text), Maybe("input_pattern", Text), Maybe("input_culture", Text)) with { Body = ParseToString },
        TextOf("date.to_string", "The date by a pattern such as %Y-%m-%d.", c => c[0].IsNull ? "" : DateFormat.Format(ToDate(c), c.Text(1), new DateRules(c, Cultures.Of(c, 2))), DateIn, In("pattern", Text), Maybe("culture", Text)),
    ];

    private static DateTime ToDate(FunctionCall call)
    {
        if (call[0].IsNull)
            throw call.Error("the date is null", "check it with \"if\" before");
        return call[0].IsDate ? call[0].ToDate() : throw call.Wrong(0, "a date");
    }

    private static TemplateValue Add(FunctionCall call, long unit)
    {
        var date = ToDate(call);
        var amount = Language.Convert.ToDouble(call, 1);
        // As a double the sum would be rounded, also past the last date.
        if (!(Math.Abs(amount * unit) < DateTime.MaxValue.Ticks))
            throw RuntimeErrors.Overflow(call.Span);
        var ticks = date.Ticks + (long)(amount * unit);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            throw RuntimeErrors.Overflow(call.Span);
        return TemplateValue.FromDate(new DateTime(ticks, DateTimeKind.Utc));
    }

    private static TemplateValue AddMonths(FunctionCall call, int factor)
    {
        var date = ToDate(call);
        var months = call.Integer(1);
        const int most = 120_000;
        var total = months is >= -most and <= most ? (date.Year * 12L) + date.Month - 1 + (months * factor) : most;
        if (total is < 12 or >= most)
            throw RuntimeErrors.Overflow(call.Span);
        return TemplateValue.FromDate(date.AddMonths((int)(months * factor)));
    }

    private static TemplateValue ParseToString(FunctionCall call)
    {
        var date = Parse(call, 3, 4);
        if (date.IsNull)
            return TemplateValue.Null;
        var pattern = call[1].IsNull ? call.Context.DatePattern : call.Text(1);
        return TemplateValue.FromText(DateFormat.Format(date.ToDate(), pattern, new DateRules(call, Cultures.Of(call, 2))));
    }

    private static TemplateValue Parse(FunctionCall call, int patternAt, int cultureAt)
    {
        if (call[0].IsNull || call[0].AsText() is "")
            return TemplateValue.Null;
        if (call[0].IsDate)
            return call[0];
        var culture = Cultures.Of(call, cultureAt);
        if (TryParse(call, patternAt, culture, out var date))
            return TemplateValue.FromDate(date);
        return call.Context.Options.Strict ? TemplateValue.Null : TemplateValue.FromDate(DateTime.MinValue);
    }

    private static bool TryParse(FunctionCall call, int patternAt, CultureInfo culture, out DateTime date)
    {
        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        if (call.Text(patternAt) is { Length: > 0 } pattern)
            return DateParser.TryParse(call.Text(0), pattern, out date);
        return DateTime.TryParse(call.Text(0), culture, styles, out date);
    }
}
