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
        Scalar("date.parse", "The date that a text says, or null.", Date, Parse, In("text", Text), Maybe("pattern", Text), Maybe("culture", Text)),
        TextOf("date.to_string", "The date by a pattern such as %Y-%m-%d.", c => c[0].IsNull ? "" : DateFormat.Format(ToDate(c), c.Text(1), c), DateIn, In("pattern", Text), Maybe("culture", Text)),
    ];

    private static DateTime ToDate(FunctionCall call) => call[0].IsDate ? call[0].ToDate() : throw call.Wrong(0, "a date");

    private static TemplateValue Add(FunctionCall call, long unit)
    {
        if (call[0].IsNull)
            return TemplateValue.Null;
        var amount = call[1].AsDouble() ?? throw call.Wrong(1, "a number");
        var ticks = ToDate(call).Ticks + (amount * unit);
        if (!(ticks >= 0 && ticks <= DateTime.MaxValue.Ticks))
            throw RuntimeErrors.Overflow(call.Span);
        return TemplateValue.FromDate(new DateTime(ToDate(call).Ticks + (long)(amount * unit), DateTimeKind.Utc));
    }

    private static TemplateValue AddMonths(FunctionCall call, int factor)
    {
        if (call[0].IsNull)
            return TemplateValue.Null;
        var date = ToDate(call);
        var months = call.Integer(1) * factor;
        var total = (date.Year * 12L) + date.Month - 1 + months;
        if (total < 12 || total >= 120_000)
            throw RuntimeErrors.Overflow(call.Span);
        return TemplateValue.FromDate(date.AddMonths((int)months));
    }

    private static TemplateValue Parse(FunctionCall call)
    {
        if (call[0].IsNull)
            return TemplateValue.Null;
        if (call[0].IsDate)
            return call[0];
        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        try
        {
            var isDate = call[1].IsNull
                ? DateTime.TryParse(call.Text(0), CultureInfo.InvariantCulture, styles, out var date)
                : DateTime.TryParseExact(call.Text(0), call.Text(1), CultureInfo.InvariantCulture, styles, out date);
            return isDate ? TemplateValue.FromDate(date) : TemplateValue.Null;
        }
        catch (FormatException)
        {
            // Even the "try" form throws when the pattern itself is none.
            throw call.Wrong(1, "a date format");
        }
    }
}
