namespace Templater.Language;

/// <summary>A mistake of the template's author that shows only when it runs. Host functions throw it; a render turns it into a <see cref="RenderError"/>.</summary>
public sealed class TemplateRuntimeException : Exception
{
    /// <summary>A mistake with a plain message.</summary>
    public TemplateRuntimeException() : this("the function failed")
    {
    }

    /// <summary>A mistake at the place of the call.</summary>
    /// <param name="message">What is wrong, without place and full stop.</param>
    public TemplateRuntimeException(string message) : base(message)
    {
    }

    /// <summary>A mistake with its cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause; not shown.</param>
    public TemplateRuntimeException(string message, Exception? innerException) : base(message, innerException)
    {
    }

    internal TemplateRuntimeException(string id, string message, TextSpan? span, string hint = "") : base(message)
    {
        Id = id;
        Span = span;
        Hint = hint;
    }

    /// <summary>Stable name of the kind of mistake.</summary>
    public string Id { get; init; } = "function-failed";

    /// <summary>What may help; may be empty.</summary>
    public string Hint { get; init; } = "";

    internal TextSpan? Span { get; set; }

    /// <summary>Whether the message says the place inside a text that was run.</summary>
    internal bool IsInText { get; init; }

    /// <summary>The name or expression that the mistake is about; may be empty.</summary>
    internal string Subject { get; init; } = "";
}
