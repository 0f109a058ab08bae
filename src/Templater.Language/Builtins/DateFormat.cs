using System.Globalization;
using System.Text;

namespace Templater.Language;

/// <summary>Dates by strftime-like patterns. All in UTC and the invariant culture.</summary>
internal static class DateFormat
{
    public const string Default = "%d %b %Y";

    private const int LongestDotNetPattern = 1000;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>The date by a pattern. Unknown codes stay as they are, but are a mistake of a strict template.</summary>
    public static string Format(DateTime date, string pattern, DateRules? rules = null)
    {
        if (pattern == "%g")
            pattern = "%g " + Default;
        var result = new StringBuilder();
        var longest = rules?.Call.Context.Limits.StringCharacters ?? RenderLimits.Default.StringCharacters;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (result.Length > longest)
                throw RuntimeErrors.StringTooLong(longest, rules?.Call.Span);
            if (pattern[i] != '%' || i + 1 == pattern.Length)
            {
                result.Append(pattern[i]);
                continue;
            }
            var code = pattern[++i];
            // %g asks for the invariant culture, which is the only one.
            if (code == 'g')
                continue;
            var flag = code is '-' or '^' or '_' or '0' && i + 1 < pattern.Length ? code : '\0';
            if (flag != '\0')
                code = pattern[++i];
            var text = Code(date, code, rules?.Culture ?? Invariant) ?? (rules is { Call: { Context.Options.Strict: true } call } ? throw call.Error($"%{code} is not a date code") : "%" + code);
            result.Append(flag switch
            {
                '-' => text.TrimStart('0') is { Length: > 0 } cut ? cut : text.Length == 0 ? "" : "0",
                '^' => text.ToUpperInvariant(),
                _ => text,
            });
        }
        return result.ToString();
    }

    private static string? Code(DateTime date, char code, CultureInfo culture) => code switch
    {
        'a' => date.ToString("ddd", Invariant),
        'A' => date.ToString("dddd", Invariant),
        'b' or 'h' => date.ToString("MMM", Invariant),
        'B' => date.ToString("MMMM", Invariant),
        'c' => date.ToString("ddd MMM dd HH:mm:ss yyyy", Invariant),
        'C' => (date.Year / 100).ToString("D2", Invariant),
        'd' => date.ToString("dd", Invariant),
        'D' => date.ToString("MM/dd/yy", Invariant),
        'e' => date.Day.ToString(Invariant).PadLeft(2),
        'F' => date.ToString("yyyy-MM-dd", Invariant),
        'H' => date.ToString("HH", Invariant),
        'I' => date.ToString("hh", Invariant),
        'j' => date.DayOfYear.ToString("D3", Invariant),
        'k' => date.Hour.ToString(Invariant).PadLeft(2),
        'l' => (((date.Hour + 11) % 12) + 1).ToString(Invariant).PadLeft(2),
        'L' => date.ToString("fff", Invariant),
        'm' => date.ToString("MM", Invariant),
        'M' => date.ToString("mm", Invariant),
        'n' => "\n",
        'N' => date.ToString("fffffff", Invariant) + "00",
        'p' => date.Hour < 12 ? "AM" : "PM",
        'P' => date.Hour < 12 ? "am" : "pm",
        'r' => date.ToString("hh:mm:ss tt", Invariant),
        'R' => date.ToString("HH:mm", Invariant),
        's' => ((date.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond).ToString(Invariant),
        'S' => date.ToString("ss", Invariant),
        't' => "\t",
        'T' => date.ToString("HH:mm:ss", Invariant),
        'u' => (((int)date.DayOfWeek + 6) % 7 + 1).ToString(Invariant),
        'U' => Week(date, DayOfWeek.Sunday),
        'v' => date.Day.ToString(Invariant).PadLeft(2) + date.ToString("-MMM-yyyy", Invariant).ToUpperInvariant(),
        'V' => ISOWeek.GetWeekOfYear(date).ToString("D2", Invariant),
        'w' => ((int)date.DayOfWeek).ToString(Invariant),
        'W' => Week(date, DayOfWeek.Monday),
        'x' => date.ToString("d", culture),
        'X' => date.ToString("HH:mm:ss", Invariant),
        'y' => date.ToString("yy", Invariant),
        'Y' => date.ToString("yyyy", Invariant),
        'Z' => "+00:00",
        'z' => "+0000",
        '%' => "%",
        _ => null,
    };

    // The first of January is in week 1, however short that is.
    private static string Week(DateTime date, DayOfWeek first) =>
        Invariant.Calendar.GetWeekOfYear(date, CalendarWeekRule.FirstDay, first).ToString("D2", Invariant);

    /// <summary>The date or duration by a .NET pattern.</summary>
    public static string FormatDotNet(IFormattable value, string pattern, CultureInfo culture, FunctionCall call)
    {
        if (pattern.Length > LongestDotNetPattern)
            throw call.Error($"a date format has at most {LongestDotNetPattern} characters");
        try
        {
            return value.ToString(pattern, culture);
        }
        catch (FormatException)
        {
            throw call.Wrong(1, $"a format for {ValueText.Describe(call[0])}");
        }
    }
}

/// <summary>Whose pattern it is, and in which culture.</summary>
internal readonly record struct DateRules(FunctionCall Call, CultureInfo Culture);

/// <summary>Members of dates and durations.</summary>
internal static class DateMembers
{
    public static bool TryGet(TemplateValue target, string name, out TemplateValue value)
    {
        value = target.IsDate ? OfDate(target.ToDate(), name) : OfDuration(target.ToDuration(), name);
        return !value.IsUnset;
    }

    private static TemplateValue OfDate(DateTime date, string name) => name switch
    {
        "year" => TemplateValue.From(date.Year),
        "month" => TemplateValue.From(date.Month),
        "day" => TemplateValue.From(date.Day),
        "day_of_year" => TemplateValue.From(date.DayOfYear),
        "day_of_week" => TemplateValue.FromText(date.DayOfWeek.ToString()),
        "hour" => TemplateValue.From(date.Hour),
        "minute" => TemplateValue.From(date.Minute),
        "second" => TemplateValue.From(date.Second),
        "millisecond" => TemplateValue.From(date.Millisecond),
        "date" => TemplateValue.FromDate(date.Date),
        "ticks" => TemplateValue.From(date.Ticks),
        _ => default,
    };

    private static TemplateValue OfDuration(TimeSpan span, string name) => name switch
    {
        "days" => TemplateValue.From(span.Days),
        "hours" => TemplateValue.From(span.Hours),
        "minutes" => TemplateValue.From(span.Minutes),
        "seconds" => TemplateValue.From(span.Seconds),
        "milliseconds" => TemplateValue.From(span.Milliseconds),
        "total_days" => TemplateValue.From(span.TotalDays),
        "total_hours" => TemplateValue.From(span.TotalHours),
        "total_minutes" => TemplateValue.From(span.TotalMinutes),
        "total_seconds" => TemplateValue.From(span.TotalSeconds),
        "total_milliseconds" => TemplateValue.From(span.TotalMilliseconds),
        "ticks" => TemplateValue.From(span.Ticks),
        _ => default,
    };
}
