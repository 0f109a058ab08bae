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
        Certificate(json, about.Certificate);
        Outputs(json, about);
        json.WriteString("since", Moment(about.File?.Live is { IsCurrent: true } live ? live.Since : null));
        json.WriteNumber("version", Version);
        json.WriteString("kind", about.Kind == SubjectKind.Host ? "host" : "container");
        json.WriteString("standing", about.Standing switch { Standing.Routed => "routed", Standing.Partly => "partly", _ => "not-routed" });
        json.WriteString("detail", about.Detail);
        Steps(json, about);
        Settings(json, about);
        Warnings(json, about);
        json.WriteEndObject();
    }

    private static void Labels(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("labels");
        foreach (var label in about.Labels)
        {
            json.WriteStartObject();
            json.WriteString("container", label.Container);
            json.WriteString("key", label.Key);
            json.WriteString("value", label.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Networks(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("networks");
        foreach (var network in about.Networks)
        {
            json.WriteStartObject();
            json.WriteString("name", network.Name);
            json.WriteBoolean("shared", network.IsShared);
            json.WriteString("address", network.Address.Length > 0 ? network.Address : null);
            json.WriteBoolean("used", network.IsUsed);
            json.WriteString("why", network.Why);
            json.WriteBoolean("default_gateway", network.IsDefaultGateway);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

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

    private static void Routes(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("routes");
        foreach (var route in about.Routes)
        {
            json.WriteStartObject();
            json.WriteString("host", route.Host);
            json.WriteString("path", route.Path);
            json.WriteStartArray("servers");
            foreach (var server in route.Servers)
            {
                json.WriteStartObject();
                json.WriteString("address", server.Address.Length > 0 ? server.Address : null);
                json.WriteString("container", server.Container);
                json.WriteString("state", server.State == "-" ? null : server.State);
                json.WriteString("why", server.Why);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("status", route.Status);
            json.WriteString("does", route.Does);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Conflicts(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("conflicts");
        foreach (var conflict in about.Conflicts)
        {
            json.WriteStartObject();
            json.WriteString("winner", conflict.Winner.Container);
            json.WriteStartArray("losers");
            foreach (var loser in conflict.Losers)
                json.WriteStringValue(loser.Container);
            json.WriteEndArray();
            json.WriteString("rule", conflict.Rule);
            json.WriteString("host", conflict.Host);
            json.WriteString("path", conflict.Path);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Certificate(Utf8JsonWriter json, ExplainedCertificate? certificate)
    {
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
            json.WriteStartArray("lines");
            foreach (var lines in file.Lines)
                json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{lines.First}-{lines.Last}"));
            json.WriteEndArray();
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

    private static void Steps(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("steps");
        foreach (var step in about.Steps)
        {
            json.WriteStartObject();
            json.WriteString("name", step.Name);
            json.WriteString("value", step.Value);
            json.WriteString("why", step.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Settings(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("settings");
        foreach (var setting in about.Settings)
        {
            json.WriteStartObject();
            json.WriteString("key", setting.Key);
            json.WriteString("value", setting.Value);
            json.WriteString("from", setting.From);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Warnings(Utf8JsonWriter json, Explanation about)
    {
        json.WriteStartArray("warnings");
        foreach (var warning in about.Warnings)
        {
            json.WriteStartObject();
            json.WriteString("reason", warning.Reason);
            json.WriteString("message", VisibleText.Of(warning.Message));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string? Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
