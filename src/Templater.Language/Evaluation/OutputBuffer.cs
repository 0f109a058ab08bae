using System.Buffers;
using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>Collects output in a pooled buffer, indents lines where the template asks for it, and notes whose output it is.</summary>
internal sealed class OutputBuffer(RenderContext context, bool isCapture)
{
    private const int FirstSize = 1024;
    private const int MostKeptSpans = 65_536;

    private char[] _buffer = [];

    // As long as it was last time: the next output is nearly the same.
    private int _wanted = FirstSize;
    private readonly List<ProvenanceSpan>? _provenance = isCapture ? null : [];
    private TemplateObject? _owner;
    private int _ownerStart;
    private string? _indent;
    private bool _atLineStart;

    public bool IsCapture { get; } = isCapture;

    public int Length { get; private set; }

    /// <summary>Worst taint of what was written.</summary>
    public Taint Taint { get; set; }

    /// <summary>Written before each line that begins while it is set.</summary>
    public string? Indent
    {
        get => _indent;
        set => _indent = value;
    }

    public void Reset()
    {
        if (_buffer.Length == 0)
            _buffer = ArrayPool<char>.Shared.Rent(_wanted);
        Length = 0;
        Taint = Taint.Clean;
        _indent = null;
        _atLineStart = false;
    }

    public void SetOwner(TemplateObject? owner)
    {
        if (_provenance is null || ReferenceEquals(owner, _owner))
            return;
        CloseOwner();
        _owner = owner;
        _ownerStart = Length;
    }

    public ImmutableArray<ProvenanceSpan> Provenance()
    {
        CloseOwner();
        _owner = null;
        return _provenance is { Count: > 0 } ? [.. _provenance] : [];
    }

    private void CloseOwner()
    {
        if (_owner is null || Length == _ownerStart)
            return;
        // One owner in several nested scopes in a row is one span.
        if (_provenance is [.., var last] && ReferenceEquals(last.Owner, _owner) && last.Start + last.Length == _ownerStart)
            _provenance[^1] = last with { Length = Length - last.Start };
        else
            _provenance!.Add(new ProvenanceSpan(_ownerStart, Length - _ownerStart, _owner));
    }

    public void Write(string text)
    {
        if (_indent is not null)
        {
            WriteIndented(text);
            return;
        }
        if (text.Length == 0)
            return;
        var target = Reserve(text.Length);
        text.CopyTo(target);
        Length += text.Length;
        _atLineStart = text[^1] == '\n';
    }

    public void Write(long number)
    {
        const int longest = 20;
        WriteIndentIfDue(isEmptyLine: false);
        number.TryFormat(Reserve(longest), out var written, default, System.Globalization.CultureInfo.InvariantCulture);
        Length += written;
        _atLineStart = false;
    }

    private void WriteIndented(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            WriteIndentIfDue(text[at] is '\n');
            var newLine = text.IndexOf('\n', at);
            var end = newLine < 0 ? text.Length : newLine + 1;
            text.AsSpan(at, end - at).CopyTo(Reserve(end - at));
            Length += end - at;
            _atLineStart = newLine >= 0;
            at = end;
        }
    }

    private void WriteIndentIfDue(bool isEmptyLine)
    {
        if (!_atLineStart || _indent is null)
            return;
        _atLineStart = false;
        if (isEmptyLine && !context.Options.IndentEmptyLines)
            return;
        _indent.CopyTo(Reserve(_indent.Length));
        Length += _indent.Length;
    }

    private Span<char> Reserve(int count)
    {
        if (_buffer.Length - Length < count)
            Grow(count);
        return _buffer.AsSpan(Length);
    }

    private void Grow(int count)
    {
        var limit = IsCapture ? context.Limits.StringCharacters : context.Limits.OutputCharacters;
        // Numbers reserve more than they write: the limit is only looked at when the buffer must grow, plus at the end.
        if ((long)Length + count > limit)
            throw IsCapture ? RuntimeErrors.StringTooLong(limit, null) : RuntimeErrors.OutputTooLong(limit);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        // Twice as long, but no longer than it may become.
        var wanted = Math.Max(Math.Min((long)_buffer.Length * 2, limit), (long)Length + count);
        var larger = ArrayPool<char>.Shared.Rent((int)wanted);
        if (!IsCapture)
            context.ForgetMemory(GC.GetAllocatedBytesForCurrentThread() - allocated);
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<char>.Shared.Return(_buffer);
        _buffer = larger;
    }

    /// <summary>What was written so far; gone with the next write.</summary>
    public ReadOnlySpan<char> Written()
    {
        var limit = IsCapture ? context.Limits.StringCharacters : context.Limits.OutputCharacters;
        if (Length > limit)
            throw IsCapture ? RuntimeErrors.StringTooLong(limit, null) : RuntimeErrors.OutputTooLong(limit);
        return _buffer.AsSpan(0, Length);
    }

    /// <summary>Gives the buffer back; <see cref="Reset"/> takes another one.</summary>
    public void Release()
    {
        _wanted = Math.Max(FirstSize, Length + (Length / 8));
        if (_buffer.Length > 0)
            ArrayPool<char>.Shared.Return(_buffer);
        _buffer = [];
        Length = 0;
        _owner = null;
        _provenance?.Clear();
        if (_provenance?.Capacity > MostKeptSpans)
            _provenance.Capacity = 0;
    }
}
