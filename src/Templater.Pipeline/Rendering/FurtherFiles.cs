using System.Collections.Immutable;
using System.Text;
using Templater.Language;
using Templater.Pipeline.Rendering.Quoting;

namespace Templater.Pipeline.Rendering;

/// <summary>Collects the further files of one render at a time. Not safe for several threads at once.</summary>
internal sealed class FurtherFiles
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly SortedDictionary<string, FurtherFile> _files = new(StringComparer.Ordinal);
    private Func<string> _directory = static () => "";
    private string _entry = "";
    private string? _refusal;
    private long _bytes;

    /// <summary>The function by which a template writes one.</summary>
    public FunctionDefinition Function { get; }

    public FurtherFiles() => Function = Define(Write);

    /// <summary>What is known of the function where nothing is rendered.</summary>
    public static FunctionDefinition Documentation { get; } = Define(static call => throw call.Error("there is no output to write beside"));

    /// <summary>The files so far, by name.</summary>
    public ImmutableArray<FurtherFile> All => [.. _files.Values];

    /// <summary>Where the proxy finds them; empty when there are none.</summary>
    public string Directory => _files.Count == 0 ? "" : _directory();

    /// <summary>Begins a render.</summary>
    /// <param name="entry">Name of the configuration's own file.</param>
    /// <param name="directory">Where the proxy finds further files; asked when there is one.</param>
    /// <param name="refusal">Why there can be none; null when there can.</param>
    public void Begin(string entry, Func<string> directory, string? refusal = null)
    {
        _refusal = refusal;
        _files.Clear();
        _bytes = 0;
        (_entry, _directory) = (entry, directory);
    }

    private static FunctionDefinition Define(Func<FunctionCall, TemplateValue> body) => new()
    {
        Name = "output_file",
        Documentation = "Writes a further file, which goes live together with this one, and gives its path as the proxy sees it. The name is relative and stays, such as maps/hosts.map; the text is held to the rules of the template's format.",
        Parameters = [new FunctionParameter("name", new TemplateType.Text()), new FunctionParameter("text", new TemplateType.Any()) { IsPrinted = true }],
        Body = body,
        IsResultClean = true,
        Result = static _ => new TemplateType.Text(),
    };

    private TemplateValue Write(FunctionCall call)
    {
        if (_refusal is not null)
            throw call.Error(_refusal);
        if (call[0].AsText() is not { } name)
            throw call.Wrong(0, "a text");
        // A container must not choose what is written where.
        if (call[0].Taint != Taint.Clean)
            throw call.Error("the name holds text from a container", "give the file a name that no container chooses");
        if (FurtherFile.Problem(name, _entry) is { } problem)
            throw call.Error($"the name \"{QuotableText.OneLine(name, FurtherFile.MaxNameLength)}\" {problem}", "a name is a relative path such as maps/hosts.map");
        Add(call, name, Utf8.GetBytes(call.Printed(1)));
        return TemplateValue.FromText($"{_directory()}/{name}");
    }

    private void Add(FunctionCall call, string name, byte[] content)
    {
        if (_files.TryGetValue(name, out var known))
        {
            if (known.Content.Span.SequenceEqual(content))
                return;
            throw call.Error($"{name} is written twice with different texts", "give each file a name of its own");
        }

        foreach (var other in _files.Keys)
            if (name.StartsWith(other + "/", StringComparison.Ordinal) || other.StartsWith(name + "/", StringComparison.Ordinal))
                throw call.Error($"{name} and {other} cannot both be there: one is a directory of the other", "give each file a name of its own");
        if (_files.Count == FurtherFile.MaxFiles)
            throw call.Error($"more than {FurtherFile.MaxFiles} further files", "put several things into one");
        _bytes += content.Length;
        if (_bytes > FurtherFile.MaxBytes)
            throw call.Error($"the further files have more than {FurtherFile.MaxBytes} bytes");
        _files.Add(name, new FurtherFile(name, content));
    }
}
