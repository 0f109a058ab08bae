using System.Collections.Immutable;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Cli.Options;

/// <summary>Reads <c>forward_auth:</c>, whom labels may have asked about requests. Every mistake becomes a problem with its place.</summary>
internal sealed class ForwardAuthSection(SettingsProblems problems)
{
    /// <summary>Its name in the file.</summary>
    public const string Name = "forward_auth";

    private const string Url = "url";
    private const string Login = "login";
    private const string Headers = "headers";
    private static readonly ImmutableArray<string> Keys = [Url, Login, Headers];

    /// <summary>Reads the section.</summary>
    /// <param name="value">Its content.</param>
    /// <param name="found">Where the definitions go, by name.</param>
    public void Read(YamlNode value, Dictionary<string, ForwardAuth> found)
    {
        if (value is not YamlNode.Mapping mapping)
        {
            problems.Add($"{value.Place}: {Name}: names with the URLs of authorisers were expected.");
            return;
        }

        foreach (var (key, definition) in mapping.Entries)
        {
            var name = $"{Name}.{VisibleText.Of(key.Text!)}";
            if (!OutputNames.IsLegal(key.Text!))
                problems.Add($"{key.Place}: \"{VisibleText.Of(key.Text!)}\" cannot name an authoriser: expected {OutputNames.LegalValues}.");
            else if ((definition is YamlNode.Mapping parts ? ReadParts(key.Text!, name, parts) : ReadUrl(key.Text!, name, definition)) is { } asked)
                found[key.Text!] = asked;
        }
    }

    private ForwardAuth? ReadParts(string key, string name, YamlNode.Mapping parts)
    {
        ForwardAuth? asked = null;
        string? login = null;
        ImmutableArray<string> headers = [];
        foreach (var (part, value) in parts.Entries)
            switch (part.Text)
            {
                case Url:
                    asked = ReadUrl(key, $"{name}.{Url}", value);
                    break;
                case Login:
                    login = ReadLogin($"{name}.{Login}", value);
                    break;
                case Headers:
                    headers = ReadHeaders($"{name}.{Headers}", value);
                    break;
                default:
                    problems.UnknownName($"{name}.{part.Text}", part.Place.ToString(), Keys.Select(known => $"{name}.{known}"));
                    break;
            }

        if (!parts.Entries.Any(static entry => entry.Key.Text == Url))
            problems.Add($"{parts.Place}: {name}: {Url} is missing: {ForwardAuthParser.LegalUrl} was expected.");
        return asked is null ? null : asked with { Login = login, Headers = headers };
    }

    private ForwardAuth? ReadUrl(string key, string name, YamlNode value)
    {
        if (value is YamlNode.Scalar { Text: { } text } && ForwardAuthParser.TryUrl(key, text.Trim(), out var asked))
            return asked;
        problems.Add($"{value.Place}: {name}: {ForwardAuthParser.LegalUrl} was expected.");
        return null;
    }

    private string? ReadLogin(string name, YamlNode value)
    {
        if (value is YamlNode.Scalar { Text: { } text } && ForwardAuthParser.IsLogin(text.Trim()))
            return text.Trim();
        problems.Add($"{value.Place}: {name}: {ForwardAuthParser.LegalLogin} was expected.");
        return null;
    }

    private ImmutableArray<string> ReadHeaders(string name, YamlNode value)
    {
        var text = value switch
        {
            YamlNode.Scalar scalar => scalar.Text ?? "",
            YamlNode.Sequence sequence when sequence.Items.All(static item => item is YamlNode.Scalar) => string.Join(',', sequence.Items.Select(static item => ((YamlNode.Scalar)item).Text)),
            _ => null,
        };
        if (text is not null && ForwardAuthParser.TryHeaders(text, out var headers))
            return headers;
        problems.Add($"{value.Place}: {name}: {ForwardAuthParser.LegalHeaders} was expected.");
        return [];
    }
}
