using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Templater.Pipeline.Deployment;

/// <summary>A setting that says how something is done has no legal form; the message is one line that names the setting.</summary>
/// <param name="setting">Name of the setting.</param>
/// <param name="text">Its value, safe to print.</param>
/// <param name="why">What is wrong, a clause without full stop.</param>
/// <param name="isUnknown">True when it begins like none of the legal forms.</param>
public sealed class SpecFormatException(string setting, string text, string why, bool isUnknown = false)
    : FormatException($"{setting} \"{text}\": {why}")
{
    /// <summary>What is wrong, a clause without full stop; empty when there is no more to say than what is legal.</summary>
    public string Detail { get; } = isUnknown ? "" : why;
}

/// <summary>A setting of the form <c>KIND</c> or <c>KIND:REST</c> while it is being read; makes its error messages too.</summary>
internal sealed class SpecText
{
    private readonly string _setting;
    private readonly string _text;

    private SpecText(string setting, string text, string kind, string rest)
    {
        _setting = setting;
        _text = text;
        Kind = kind;
        Rest = rest;
    }

    public string Kind { get; }

    public string Rest { get; }

    public static SpecText Of(string setting, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var colon = trimmed.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new SpecText(setting, trimmed, trimmed, "")
            : new SpecText(setting, trimmed, trimmed[..colon], trimmed[(colon + 1)..]);
    }

    public T Alone<T>(T spec) =>
        _text == Kind ? spec : throw Wrong($"\"{Kind}\" takes nothing after it");

    /// <summary>The last part is a signal only if it is one; anything else belongs to what stands before it.</summary>
    public (string Subject, ReloadSignal Signal) WithSignal()
    {
        var colon = Rest.LastIndexOf(':');
        if (colon < 0 || !ReloadSignal.TryParse(Rest[(colon + 1)..], out var signal))
            return (Rest, ReloadSignal.Hup);
        if (signal.IsDeadly)
            throw Wrong($"{signal} would stop the proxy, not reload it");
        return (Rest[..colon], signal);
    }

    /// <summary>The same where the last part may say that a container is restarted.</summary>
    public (string Subject, ReloadSignal Signal, bool IsRestart) WithRestart()
    {
        const string Restart = ":restart";
        if (Rest.EndsWith(Restart, StringComparison.OrdinalIgnoreCase))
            return (Rest[..^Restart.Length], ReloadSignal.Hup, true);
        var (subject, signal) = WithSignal();
        return (subject, signal, false);
    }

    // The engine's own rule for names; it also turns a misspelt signal into a message about the signal.
    public string ContainerName(string name)
    {
        var colon = name.LastIndexOf(':');
        if (colon >= 0)
            throw Wrong($"\"{name[(colon + 1)..]}\" is not a signal");
        if (name.Length == 0)
            throw Wrong("a container name is missing");
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
            ? name
            : throw Wrong($"\"{name}\" cannot be the name of a container");
    }

    public string AbsolutePath(string path)
    {
        if (!path.StartsWith('/'))
            throw Wrong("an absolute path is expected");
        return path.Contains('\0', StringComparison.Ordinal) ? throw Wrong("a path cannot contain NUL") : path;
    }

    public T Exec<T>(Func<string, ImmutableArray<string>, T> make)
    {
        var colon = Rest.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw Wrong($"it is written {Kind}:NAME:COMMAND");
        return make(ContainerName(Rest[..colon]), Words(Rest[(colon + 1)..]));
    }

    public ImmutableArray<string> Words(string command) =>
        PosixWords.TrySplit(command, out var words, out var problem) ? words : throw Wrong($"the command {problem}");

    public Uri Url()
    {
        // "http:URL", and "http://host/" which people write without thinking of the prefix.
        var text = Rest.StartsWith("//", StringComparison.Ordinal) ? _text : Rest;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https") && url.Host.Length > 0
            ? url
            : throw Wrong("an http or https URL is expected");
    }

    /// <summary>Where to listen: a port of this machine alone, or an address and a port.</summary>
    public IPEndPoint ListenAddress()
    {
        var colon = Rest.LastIndexOf(':');
        var (host, number) = (colon < 0 ? "" : Rest[..colon], Rest[(colon + 1)..]);
        if (!ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            throw Wrong($"it is written {Kind}:PORT or {Kind}:ADDRESS:PORT, with a port from 1 to 65535");
        return new IPEndPoint(colon < 0 ? IPAddress.Loopback : ListenHost(host), port);
    }

    // The parser of the base class library takes "1" and "0x7f.1", too.
    private IPAddress ListenHost(string host)
    {
        var text = host is ['[', .. var inner, ']'] ? inner : host;
        return IPAddress.TryParse(text, out var address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 ? text != host && address.ScopeId == 0 : address.ToString() == host)
            ? address
            : throw Wrong($"\"{host}\" is not an address to listen on: write 127.0.0.1, 0.0.0.0 or [::], or another address of this machine");
    }

    public SpecFormatException Unknown(string expected) => new(_setting, Visible(_text), $"expected {expected}", isUnknown: true);

    public SpecFormatException Wrong(string why) => new(_setting, Visible(_text), why);

    private static string Visible(string text) =>
        new([.. text.Take(200).Select(c => char.IsControl(c) ? '\uFFFD' : c)]);
}
