using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Templater.Pipeline.Explaining;

namespace Templater.Cli.Explaining;

/// <summary>Writes explanations for programs: one object a line. Names and order of members are kept, and new ones come last.</summary>
internal static class ExplanationJson
{
    /// <summary>Version of the form; a higher one may lack members of a lower one.</summary>
    public const int Version = 1;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object, with a line break at its end.</summary>
    public static string Of(Explanation about)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
            Write(json, about);
        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartObject();
        json.WriteString("subject", about.Subject);
        json.WriteBoolean("routed", about.Standing == Standing.Routed);
        json.WriteString("reason", about.Reason);
        json.WriteString("hint", about.WayOut);
        json.WriteString("dialect", about.Dialect);
        Labels(json, about);
        json.WriteString("state", about.Container?.State.ToString().ToLowerInvariant());
        json.WriteString("health", about.Container?.Health.ToString().ToLowerInvariant());
        Networks(json, about);
        Port(json, about.Port);
        Routes(json, about);
        Conflicts(json, about);
        Certificate(json, about.Certificate, about.PendingCertificate);
        Outputs(json, about);
        json.WriteString("since", Moment(about.File?.Live is { IsCurrent: true } live ? live.Since : null));
        json.WriteNumber("version", Version);
        json.WriteString("kind", about.Kind == SubjectKind.Host ? "host" : "container");
        json.WriteString("standing", about.Standing switch { Standing.Routed => "routed", Standing.Partly => "partly", _ => "not-routed" });
        json.WriteString("detail", about.Detail);
        Steps(json, about);
        Settings(json, about);
        Warnings(json, about);
        Streams(json, about);
        json.WriteEndObject();
    }

    private static void Labels(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "labels", about.Labels, label =>
        {
            json.WriteString("container", label.Container);
            json.WriteString("key", label.Key);
            json.WriteString("value", label.Value);
        });

    private static void Networks(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "networks", about.Networks, network =>
        {
            json.WriteString("name", network.Name);
            json.WriteBoolean("shared", network.IsShared);
            json.WriteString("address", network.Address.Length > 0 ? network.Address : null);
            json.WriteBoolean("used", network.IsUsed);
            json.WriteString("why", network.Why);
            json.WriteBoolean("default_gateway", network.IsDefaultGateway);
        });

    private static void Port(Utf8JsonWriter json, ExplainedPort? port)
    {
        if (port is null)
        {
            json.WriteNull("port");
            return;
        }

        json.WriteStartObject("port");
        if (port.Value is { } value)
            json.WriteNumber("value", value);
        else
            json.WriteNull("value");
        json.WriteString("from", port.From);
        json.WriteStartArray("candidates");
        foreach (var candidate in port.Candidates)
            json.WriteNumberValue(candidate);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Routes(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "routes", about.Routes, route =>
        {
            json.WriteString("host", route.Host);
            json.WriteString("path", route.Path);
            Servers(json, route.Servers);
            json.WriteString("status", route.Status);
            json.WriteString("does", route.Does);
        });

    private static void Servers(Utf8JsonWriter json, IEnumerable<ExplainedServer> servers) => Objects(json, "servers", servers, server =>
    {
        json.WriteString("address", server.Address.Length > 0 ? server.Address : null);
        json.WriteString("container", server.Container);
        json.WriteString("state", server.State == "-" ? null : server.State);
        json.WriteString("why", server.Why);
    });

    private static void Streams(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "streams", about.Streams, stream =>
        {
            json.WriteString("listen", stream.Listen);
            Servers(json, [stream.Server]);
            json.WriteString("status", stream.Status);
            json.WriteString("does", stream.Does);
        });

    private static void Conflicts(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "conflicts", about.Conflicts, conflict =>
        {
            json.WriteString("winner", conflict.Winner.Container);
            Texts(json, "losers", conflict.Losers.Select(static loser => loser.Container));
            json.WriteString("rule", conflict.Rule);
            json.WriteString("host", conflict.Host);
            json.WriteString("path", conflict.Path);
        });

    private static void Certificate(Utf8JsonWriter json, ExplainedCertificate? certificate, string? pending)
    {
        if (certificate is null && pending is not null)
        {
            json.WriteStartObject("certificate");
            json.WriteString("pending", pending);
            json.WriteEndObject();
            return;
        }

        if (certificate is null)
        {
            json.WriteNull("certificate");
            return;
        }

        json.WriteStartObject("certificate");
        json.WriteString("name", certificate.Name);
        json.WriteString("not_after", Moment(certificate.NotAfter));
        json.WriteEndObject();
    }

    private static void Outputs(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("outputs");
        if (about.File is { } file)
        {
            json.WriteStartObject();
            json.WriteString("file", file.File);
            Texts(json, "lines", file.Lines.Select(static lines => string.Create(CultureInfo.InvariantCulture, $"{lines.First}-{lines.Last}")));
            if (file.Live is { IsCurrent: true } live)
            {
                json.WriteNumber("generation", live.Number);
                json.WriteBoolean("live", live.IsLive);
            }
            else
            {
                json.WriteNull("generation");
                json.WriteNull("live");
            }

            json.WriteString("output", about.Output);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Steps(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "steps", about.Steps, step =>
        {
            json.WriteString("name", step.Name);
            json.WriteString("value", step.Value);
            json.WriteString("why", step.Why);
        });

    private static void Settings(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "settings", about.Settings, setting =>
        {
            json.WriteString("key", setting.Key);
            json.WriteString("value", setting.Value);
            json.WriteString("from", setting.From);
        });

    private static void Warnings(Utf8JsonWriter json, Explanation about) =>
        Objects(json, "warnings", about.Warnings, warning =>
        {
            json.WriteString("reason", warning.Reason);
            json.WriteString("message", VisibleText.Of(warning.Message));
        });

    private static void Objects<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> members)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            members(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string? Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
