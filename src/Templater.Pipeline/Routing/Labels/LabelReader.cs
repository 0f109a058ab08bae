using System.Diagnostics;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Labels;

/// <summary>Reads one kind of value.</summary>
internal delegate bool ValueParser<T>(string text, out T value);

/// <summary>
/// Reads the native labels of one container as one of its routes sees them: <c>PREFIX.routes.NAME.KEY</c>, else
/// <c>PREFIX.KEY</c>. A bad value becomes a finding, and where the vocabulary says so a refusal; never an exception.
/// </summary>
/// <param name="container">The container.</param>
/// <param name="prefix">Prefix of native labels, without dot.</param>
/// <param name="route">Name of the route; null reads the keys without a route.</param>
/// <param name="findings">Where complaints go.</param>
/// <param name="isStream">True for a stream: its keys are <c>PREFIX.streams.NAME.KEY</c>, and those without a name are none of its.</param>
internal sealed class LabelReader(Container container, string prefix, string? route, ContainerFindings findings, bool isStream = false)
{
    /// <summary>Name of the route; null when the container has one without a name.</summary>
    public string? Route => route;

    /// <summary>Why the route must not be served: a bad value of a key that fails closed.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>The same for keys of the virtual host, which concern all routes of the container.</summary>
    public Refusal? HostRefusal { get; private set; }

    /// <summary>The value of a key with its full name; null when it is absent or not readable.</summary>
    /// <param name="key">Key without prefix.</param>
    public (string Label, string Value)? Raw(string key)
    {
        if (Find(key) is not { } found)
            return null;
        if (Untrusted.IsReadable(found.Value))
            return found;
        Complain(key, found.Label, found.Value, $"text of at most {Untrusted.MaxValueBytes} bytes");
        return null;
    }

    /// <summary>The value of a key; null when it is absent or bad.</summary>
    /// <param name="key">Key without prefix.</param>
    /// <param name="parser">Reads it.</param>
    /// <param name="legal">What is legal, for the complaint.</param>
    public T? Value<T>(string key, ValueParser<T> parser, string legal)
        where T : struct => TryRead(key, parser, legal, out var value) ? value : null;

    /// <summary>The value of a key as an object; null when it is absent or bad.</summary>
    public T? Object<T>(string key, ValueParser<T> parser, string legal)
        where T : class => TryRead(key, parser, legal, out var value) ? value : null;

    /// <summary>One of the words of an enumeration; null when the key is absent or bad.</summary>
    /// <param name="key">Key without prefix.</param>
    public T? Choice<T>(string key)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>();
        return Value(
            key,
            (string text, out T value) =>
            {
                var index = Array.FindIndex(words, word => RouteSettings.Word(word).Equals(text, StringComparison.OrdinalIgnoreCase));
                value = index < 0 ? default : words[index];
                return index >= 0;
            },
            "one of " + string.Join(", ", Array.ConvertAll(words, RouteSettings.Word)));
    }

    /// <summary>All keys that begin with a text: those of the route come first and win over those without one, then ordinal order.</summary>
    /// <param name="start">For example <c>data.</c>.</param>
    public IEnumerable<(string Name, string Label, string Value)> Group(string start)
    {
        var own = route is null ? null : $"{prefix}.routes.{route}.{start}";
        var shared = $"{prefix}.{start}";
        var found = new SortedDictionary<string, (string Label, string Value)>(StringComparer.Ordinal);
        foreach (var (label, value) in container.Labels)
        {
            if (own is not null && label.Length > own.Length && label.StartsWith(own, StringComparison.Ordinal))
                found[label[own.Length..]] = (label, value);
            else if (label.Length > shared.Length && label.StartsWith(shared, StringComparison.Ordinal))
                found.TryAdd(label[shared.Length..], (label, value));
        }

        foreach (var (rest, (label, value)) in found.OrderByDescending(item => own is not null && item.Value.Label.StartsWith(own, StringComparison.Ordinal)))
        {
            if (Untrusted.IsReadable(value))
                yield return (rest, label, value);
            else
                Complain(start + rest, label, value, $"text of at most {Untrusted.MaxValueBytes} bytes");
        }
    }

    /// <summary>Reports a bad value and refuses the route when the key fails closed.</summary>
    /// <param name="key">Key without prefix.</param>
    /// <param name="label">Full key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expected">What was expected.</param>
    public void Complain(string key, string label, string value, string expected)
    {
        var known = Known(key);
        var reason = known.FailsClosed ? ReasonFor(key) : ReasonIds.InvalidValue;
        var consequence = known.FailsClosed
            ? known.Scope == KeyScope.Container ? "The container is not routed." : isStream ? "The stream is not served." : "The route is not served."
            : "It has no effect.";
        var isHidden = MayBeSecret(key) || RedirectUrl.MayHoldPassword(value);
        var detail = isHidden ? $"{Untrusted.Shown(label)}: {expected} was expected." : $"{Untrusted.Shown(label)}=\"{Untrusted.Shown(value)}\": {expected} was expected.";
        findings.Warn(reason, $"container {findings.Name}: {detail} {consequence}", label, isHidden ? null : value);
        if (known.FailsClosed)
            Close(known, new Refusal(reason, detail) { Closes = known.Closes });
    }

    /// <summary>Refuses the route because of a key that fails closed, without repeating its value.</summary>
    /// <param name="key">Key without prefix.</param>
    /// <param name="label">Full key.</param>
    /// <param name="reason">One of <see cref="ReasonIds"/>.</param>
    /// <param name="detail">One sentence with the facts.</param>
    public void Refuse(string key, string label, string reason, string detail)
    {
        var known = Known(key);
        var hosts = Find("host") is { Value: { } host } ? $" for {Untrusted.Shown(host.Trim())}" : "";
        findings.Warn(reason, $"container {findings.Name} is not routed{hosts}: {detail}", label);
        Close(known, new Refusal(reason, detail) { Closes = known.Closes });
    }

    /// <summary>Refuses the route because of a key that fails closed, of which everything was said already.</summary>
    /// <param name="key">Key without prefix.</param>
    /// <param name="reason">One of <see cref="ReasonIds"/>.</param>
    /// <param name="detail">One sentence with the facts.</param>
    public void Close(string key, string reason, string detail) => Close(Known(key), new Refusal(reason, detail) { Closes = Known(key).Closes });

    private NativeKey Known(string key) =>
        (isStream ? StreamKeys.Find(key) : NativeKeys.Find(key)) ?? throw new UnreachableException($"{key} is not in the vocabulary");

    private void Close(NativeKey known, Refusal refusal)
    {
        Refusal = Refusal.Graver(Refusal, refusal);
        if (known.Scope == KeyScope.Host)
            HostRefusal = Refusal.Graver(HostRefusal, refusal);
    }

    /// <summary>Headers carry credentials, users carry hashes and data carries anything: their values are never repeated.</summary>
    private static bool MayBeSecret(string key) =>
        key == "auth.basic"
        || (key is not ("request.delete" or "response.delete")
        && (key.StartsWith("request.", StringComparison.Ordinal) || key.StartsWith("response.", StringComparison.Ordinal) || key.StartsWith("data.", StringComparison.Ordinal)));

    private static string ReasonFor(string key) => key switch
    {
        "host" => ReasonIds.InvalidHost,
        "path" => ReasonIds.InvalidPath,
        "port" or "listen" => ReasonIds.InvalidPort,
        "auth.basic" => ReasonIds.AuthUnusable,
        _ => ReasonIds.InvalidValue,
    };

    private bool TryRead<T>(string key, ValueParser<T> parser, string legal, out T value)
    {
        value = default!;
        if (Raw(key) is not var (label, text))
            return false;
        if (parser(text.Trim(), out value))
            return true;
        Complain(key, label, text, legal);
        return false;
    }

    private (string Label, string Value)? Find(string key)
    {
        var own = $"{prefix}.{(isStream ? StreamKeys.Group : "routes")}.{route}.{key}";
        if (route is not null && container.Labels.TryGetValue(own, out var value))
            return (own, value);
        if (isStream)
            return null;
        var shared = $"{prefix}.{key}";
        return container.Labels.TryGetValue(shared, out value) ? (shared, value) : null;
    }
}
