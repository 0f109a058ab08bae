using System.Globalization;

namespace Templater.Language;

/// <summary>Reads dates by the patterns that also write them, such as <c>%Y-%m-%d</c>.</summary>
internal ref struct DateParser(ReadOnlySpan<char> text)
{
    private static readonly DateTimeFormatInfo Names = CultureInfo.InvariantCulture.DateTimeFormat;

    private ReadOnlySpan<char> _rest = text;
    private int _year = 1;
    private int _month = 1;
    private int _day = 1;
    private int _dayOfYear;
    private int _hour;
    private int _minute;
    private int _second;
    private long _fraction;
    private bool? _isAfternoon;
    private TimeSpan _offset;

    /// <summary>Reads a date; false when the text is not what the pattern says. What the pattern leaves out is that of 0001-01-01 00:00.</summary>
    public static bool TryParse(string text, string pattern, out DateTime date)
    {
        var parser = new DateParser(text.AsSpan().Trim());
        date = default;
        return parser.Read(pattern.AsSpan().Trim()) && parser._rest.IsEmpty && parser.TryBuild(out date);
    }

    private bool TryBuild(out DateTime date)
    {
        date = default;
        if (_isAfternoon is { } isAfternoon)
            _hour = _hour is >= 1 and <= 12 ? (_hour % 12) + (isAfternoon ? 12 : 0) : 24;
        if (_year < 1 || _month is < 1 or > 12 || _day < 1 || _day > DateTime.DaysInMonth(_year, _month) || _hour > 23 || _minute > 59 || _second > 59)
            return false;
        var ticks = new DateTime(_year, _month, _day, _hour, _minute, _second, DateTimeKind.Utc).Ticks + _fraction - _offset.Ticks;
        ticks += Math.Max(0, _dayOfYear - 1) * TimeSpan.TicksPerDay;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            return false;
        date = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    private bool Read(ReadOnlySpan<char> pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length)
            {
                if (!Take(pattern[i]))
                    return false;
                continue;
            }
            if (!ReadCode(pattern[++i]))
                return false;
        }
        return true;
    }

    private bool ReadCode(char code) => code switch
    {
        'Y' => Number(4, out _year),
        'y' => Number(2, out _year) && (_year += _year < 50 ? 2000 : 1900) > 0,
        'm' => Number(2, out _month),
        'd' or 'e' => Skip() && Number(2, out _day),
        'j' => Number(3, out _dayOfYear),
        'H' or 'k' or 'I' or 'l' => Skip() && Number(2, out _hour),
        'M' => Number(2, out _minute),
        'S' => Number(2, out _second),
        'L' => Fraction(3),
        'N' => Fraction(9),
        'p' or 'P' => AfternoonOrNot(),
        'b' or 'h' or 'B' => Name(Names.MonthNames, Names.AbbreviatedMonthNames, out _month) && ++_month > 0,
        'a' or 'A' => Name(Names.DayNames, Names.AbbreviatedDayNames, out _),
        'Z' or 'z' => Offset(),
        'F' => Read("%Y-%m-%d"),
        'D' => Read("%m/%d/%y"),
        'x' => Read("%m/%d/%Y"),
        'T' or 'X' => Read("%H:%M:%S"),
        'R' => Read("%H:%M"),
        'r' => Read("%I:%M:%S %p"),
        'c' => Read("%a %b %e %H:%M:%S %Y"),
        'v' => Read("%e-%b-%Y"),
        'n' or 't' => Skip(),
        'g' => true,
        '%' => Take('%'),
        _ => Take('%') && Take(code),
    };

    private bool Skip()
    {
        _rest = _rest.TrimStart();
        return true;
    }

    private bool Take(char expected)
    {
        if (char.IsWhiteSpace(expected))
            return Skip();
        if (_rest.IsEmpty || _rest[0] != expected)
            return false;
        _rest = _rest[1..];
        return true;
    }

    private bool Number(int digits, out int number)
    {
        var length = 0;
        number = 0;
        while (length < digits && length < _rest.Length && char.IsAsciiDigit(_rest[length]))
            number = (number * 10) + _rest[length++] - '0';
        _rest = _rest[length..];
        return length > 0;
    }

    private bool Fraction(int digits)
    {
        var length = 0;
        _fraction = 0;
        for (var unit = TimeSpan.TicksPerSecond / 10; length < digits && length < _rest.Length && char.IsAsciiDigit(_rest[length]); unit /= 10)
            _fraction += (_rest[length++] - '0') * unit;
        _rest = _rest[length..];
        return length > 0;
    }

    private bool AfternoonOrNot()
    {
        if (_rest.Length < 2 || _rest[1] is not ('M' or 'm') || _rest[0] is not ('A' or 'a' or 'P' or 'p'))
            return false;
        _isAfternoon = _rest[0] is 'P' or 'p';
        _rest = _rest[2..];
        return true;
    }

    private bool Name(string[] full, string[] brief, out int index)
    {
        for (index = 0; index < full.Length; index++)
        {
            var name = full[index].Length > 0 && _rest.StartsWith(full[index], StringComparison.OrdinalIgnoreCase) ? full[index] : brief[index];
            if (name.Length == 0 || !_rest.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                continue;
            _rest = _rest[name.Length..];
            return true;
        }
        return false;
    }

    private bool Offset()
    {
        if (Take('Z'))
            return true;
        if (_rest.IsEmpty || _rest[0] is not ('+' or '-'))
            return false;
        var isBehind = _rest[0] == '-';
        _rest = _rest[1..];
        var minutes = 0;
        if (!Number(2, out var hours) || hours > 14 || ((Take(':') || !_rest.IsEmpty) && Number(2, out minutes) && minutes > 59))
            return false;
        _offset = new TimeSpan(hours, minutes, 0) * (isBehind ? -1 : 1);
        return true;
    }
}
