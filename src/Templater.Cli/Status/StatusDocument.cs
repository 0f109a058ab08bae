using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Status;

/// <summary>Writes a status for programs: one object on one line. Names and order of members are kept, and new ones come last.</summary>
internal static class StatusDocument
{
    /// <summary>Version of the form; a higher one may lack members of a lower one.</summary>
    public const int Version = 1;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object, with a line break at its end.</summary>
    /// <param name="report">What is told.</param>
    /// <param name="withHistory">All generations of the journals too.</param>
    public static string Of(StatusReport report, bool withHistory)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
            Write(json, report, withHistory);
        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter json, StatusReport report, bool withHistory)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("now", Moment(report.Now));
        json.WriteBoolean("running", report.IsRunning);
        json.WriteString("started", Moment(report.Told?.Started));
        json.WriteString("told", Moment(report.Told?.Written));
        json.WriteString("ended", Moment(report.Told?.Ended));
        json.WriteString("source", report.Told?.Source);
        json.WriteString("engine", report.Told?.Engine);
        Number(json, "containers", report.Told?.Containers);
        json.WriteString("snapshot", Moment(report.Told?.LastCompleteSnapshot));
        Seconds(json, "snapshot_age_seconds", report.SnapshotAge);
        Boolean(json, "healthy", report.Health?.IsHealthy);
        json.WriteStartArray("problems");
        foreach (var problem in report.Health?.Problems ?? [])
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WriteStartArray("outputs");
        foreach (var output in report.Outputs)
            Output(json, output, withHistory);
        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (var finding in report.Told?.Findings ?? [])
            Finding(json, finding);
        json.WriteEndArray();
        json.WritePropertyName("certificates");
        Certificates(json, report);
        json.WriteStartArray("key_changes");
        foreach (var change in report.Told?.KeyChanges ?? [])
            KeyChange(json, change);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void KeyChange(Utf8JsonWriter json, KeyChange change)
    {
        json.WriteStartObject();
        json.WriteString("authority", change.Authority);
        json.WriteString("waits_for", change.WaitsFor);
        json.WriteString("ended", Moment(change.EndedAt));
        json.WriteString("refusal", change.Refusal);
        json.WriteEndObject();
    }

    /// <summary>The certificates alone, as they stand in the object: an array, with a line break at its end.</summary>
    /// <param name="report">What is told.</param>
    public static string CertificatesOf(StatusReport report)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
            Certificates(json, report);
        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void Certificates(Utf8JsonWriter json, StatusReport report)
    {
        json.WriteStartArray();
        foreach (var certificate in report.Told?.Certificates ?? [])
            Certificate(json, certificate);
        json.WriteEndArray();
    }

    /// <summary>One of them, as it stands there.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="certificate">The certificate.</param>
    public static void Certificate(Utf8JsonWriter json, CertificateState certificate)
    {
        json.WriteStartObject();
        json.WriteString("name", certificate.Name);
        json.WriteStartArray("names");
        foreach (var name in certificate.Names)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteString("activity", certificate.Activity);
        json.WriteString("authority", certificate.Authority);
        json.WriteString("id", certificate.Id);
        json.WriteString("not_after", Moment(certificate.NotAfter));
        if (certificate.HasPlaceholder)
            json.WriteBoolean("placeholder", true);
        json.WriteBoolean("revoked", certificate.IsRevoked);
        json.WriteString("renew_at", Moment(certificate.RenewAt));
        json.WriteBoolean("renewal_suggested", certificate.IsSuggested);
        json.WriteString("waits_for", certificate.WaitsFor);
        json.WriteString("next_at", Moment(certificate.NextAt));
        json.WriteNumber("failed", certificate.Failed);
        json.WriteString("last_error", certificate.LastError);
        json.WriteEndObject();
    }

    private static void Output(Utf8JsonWriter json, ReportedOutput output, bool withHistory)
    {
        json.WriteStartObject();
        json.WriteString("name", output.Name);
        json.WriteString("path", output.Told?.Path);
        Number(json, "hosts", output.Told?.Hosts);
        Boolean(json, "exists", output.Told?.Exists);
        Boolean(json, "unwritable", output.Told?.IsUnwritable);
        json.WriteString("wanted", output.Told?.Generation is { Length: > 0 } wanted ? wanted : null);
        Number(json, "wanted_number", output.Told?.Number is > 0 and var number ? number : null);
        json.WriteString("step", output.Told?.Step);
        json.WriteString("owed_since", Moment(output.OwedSince));
        Boolean(json, "waits_for_proxy", output.Told?.WaitsForProxy);
        Entry(json, "current", output.Current);
        Good(json, output.Journal?.State?.LastGood);
        Entry(json, "refused", output.LastRefused);
        Number(json, "old_workers", output.Told?.OldWorkers);
        json.WriteStartArray("left_out");
        foreach (var container in output.Told?.LeftOut ?? [])
            LeftOut(json, container);
        json.WriteEndArray();
        json.WriteStartArray("excluded");
        foreach (var excluded in output.Told?.Excluded ?? [])
            Excluded(json, excluded);
        json.WriteEndArray();
        json.WriteString("journal_problem", output.Journal?.Problem);
        if (withHistory)
        {
            json.WriteStartArray("history");
            foreach (var entry in output.Generations)
                Entry(json, null, entry);
            json.WriteEndArray();
        }

        Pin(json, output.Journal?.State);
        json.WriteEndObject();
    }

    private static void Pin(Utf8JsonWriter json, JournalState? state)
    {
        var pin = state?.Pin;
        var waiting = pin is null ? null : state?.Waiting;
        json.WriteString("pinned", pin?.Generation);
        Number(json, "pinned_number", pin?.Number);
        json.WriteString("waiting", waiting?.Generation);
        Number(json, "waiting_number", waiting?.Number);
    }

    private static void Entry(Utf8JsonWriter json, string? name, JournalEntry? entry)
    {
        if (name is not null)
            json.WritePropertyName(name);
        if (entry is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("generation", entry.Generation);
        json.WriteNumber("number", entry.Number);
        json.WriteString("phase", StatusWords.Of(entry.Phase));
        json.WriteString("cause", entry.Cause);
        json.WriteString("desired", Moment(entry.Desired));
        json.WriteString("checked", Moment(entry.Checked));
        json.WriteString("swapped", Moment(entry.Swapped));
        json.WriteString("owed_anew", Moment(entry.OwedAnew));
        json.WriteString("delivered", Moment(entry.Delivered));
        json.WriteString("proven", Moment(entry.Proven));
        json.WriteString("settled", Moment(entry.Settled));
        Seconds(json, "duration_seconds", entry.Duration);
        json.WriteString("result", entry.Result);
        json.WriteEndObject();
    }

    private static void Good(Utf8JsonWriter json, GoodGeneration? good)
    {
        if (good is null)
        {
            json.WriteNull("last_good");
            return;
        }

        json.WriteStartObject("last_good");
        json.WriteString("generation", good.Generation);
        json.WriteNumber("number", good.Number);
        json.WriteString("at", Moment(good.At));
        json.WriteEndObject();
    }

    private static void LeftOut(Utf8JsonWriter json, LeftOutContainer container)
    {
        json.WriteStartObject();
        json.WriteString("container", container.Name);
        json.WriteString("id", container.Id);
        json.WriteString("why", container.Why);
        json.WriteEndObject();
    }

    private static void Excluded(Utf8JsonWriter json, ExcludedContainers excluded)
    {
        json.WriteStartObject();
        json.WriteString("reason", excluded.Reason);
        json.WriteNumber("containers", excluded.Containers);
        json.WriteEndObject();
    }

    private static void Finding(Utf8JsonWriter json, FindingStatus finding)
    {
        json.WriteStartObject();
        json.WriteString("severity", finding.Severity);
        json.WriteString("reason", finding.Reason);
        json.WriteString("container", finding.Container);
        json.WriteString("message", finding.Message);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static void Boolean(Utf8JsonWriter json, string name, bool? truth)
    {
        if (truth is { } value)
            json.WriteBoolean(name, value);
        else
            json.WriteNull(name);
    }

    private static void Seconds(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        if (span is { } value)
            json.WriteNumber(name, Math.Round(value.TotalSeconds, 3));
        else
            json.WriteNull(name);
    }

    private static string? Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
