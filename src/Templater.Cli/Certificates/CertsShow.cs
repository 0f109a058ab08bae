using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Templater.Cli.Status;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Certificates;

/// <summary><c>certs show</c>: everything that is known of one certificate.</summary>
/// <param name="context">What is known.</param>
internal sealed class CertsShow(CertsContext context)
{
    private const int LabelWidth = 13;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Shows it.</summary>
    /// <param name="name">The certificate's name, or a name in it.</param>
    /// <param name="asJson">As an object.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> RunAsync(string name, bool asJson, CancellationToken cancellationToken)
    {
        var report = context.Report();
        var wanted = report.Told?.Certificates is { } all ? CertsContext.Find(all, name) : null;
        var stored = context.Stored(wanted?.Name ?? name);
        if (wanted is null && stored is null)
            throw CertsContext.Unknown(name, "is wanted, or there", (report.Told?.Certificates?.Select(static one => one.Name) ?? []).Union(context.Readable(() => context.Store.All).Select(static one => one.Name), StringComparer.Ordinal));
        var window = Window(stored);
        var text = asJson ? Json(wanted, stored, window) : Text(wanted, stored, window);
        await context.Surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
        return ExitCode.Done;
    }

    private string Text(CertificateState? wanted, StoredCertificate? stored, SuggestedWindow? window)
    {
        var text = new StringBuilder();
        text.Append(VisibleText.Of(wanted?.Name ?? stored!.Name)).Append('\n');
        Line("names", string.Join(", ", (stored?.Names ?? wanted!.Names).Select(VisibleText.Of)));
        if (stored is not null && wanted is not null && wanted.Names.Except(stored.Names, StringComparer.Ordinal).ToList() is { Count: > 0 } missing)
            Line("missing", string.Join(", ", missing.Select(VisibleText.Of)));
        Line("state", wanted is null ? "nobody wants it" : $"{(stored is null ? CertificatesText.Missing(wanted) : "there")}{CertificatesText.Work(wanted, context.Now)}");
        if (wanted?.Authority is { } authority)
            Line("authority", VisibleText.Of(authority));
        if (stored is null && wanted?.Order is { } order)
            Line("ordered", $"at {VisibleText.Of(order.Authority)}, by {order.Challenge}{(order.Dns is { } dns ? $" with {VisibleText.Of(dns)}" : "")}");
        if (stored is not null)
            Describe(stored);
        if (wanted?.RenewAt is { } renewAt)
            Line("renewal", renewAt > context.Now ? $"about {context.Moment(renewAt)}" : "now");
        if (window is not null)
            Line("CA suggests", $"from {context.Moment(window.Start)} to {context.Moment(window.End)}");
        if (wanted?.LastError is { } error)
            Line("last error", $"{VisibleText.Of(error)} ({(wanted.Failed == 1 ? "failed once" : $"failed {wanted.Failed} times")})");
        return text.ToString();

        void Describe(StoredCertificate one)
        {
            var facts = new CertificateDescription(one);
            Line("issuer", VisibleText.Of(facts.Issuer));
            Line("serial", facts.Serial);
            Line("begins", context.Moment(one.Life.NotBefore));
            Line(one.Life.NotAfter > context.Now ? "ends" : "ended", context.Moment(one.Life.NotAfter));
            Line("key", facts.Key);
            if (one.Profile is { } profile)
                Line("profile", VisibleText.Of(profile));
            Line("chain", string.Join(" <- ", facts.Chain.Select(static link => VisibleText.Of(link.Subject))));
            foreach (var file in context.Store.FilesOf(one.Name))
                Line("file", file);
        }

        void Line(string label, string value) => text.Append("  ").Append(label.PadRight(LabelWidth)).Append(value).Append('\n');
    }

    private string Json(CertificateState? wanted, StoredCertificate? stored, SuggestedWindow? window)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("name", wanted?.Name ?? stored!.Name);
            json.WritePropertyName("wanted");
            if (wanted is null)
                json.WriteNullValue();
            else
                StatusDocument.Certificate(json, wanted);
            json.WritePropertyName("stored");
            if (stored is null)
                json.WriteNullValue();
            else
                Write(json, stored);
            json.WritePropertyName("suggested_window");
            if (window is null)
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteStartObject();
                json.WriteString("start", window.Start.ToUniversalTime());
                json.WriteString("end", window.End.ToUniversalTime());
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private void Write(Utf8JsonWriter json, StoredCertificate stored)
    {
        var facts = new CertificateDescription(stored);
        json.WriteStartObject();
        Strings(json, "names", stored.Names);
        json.WriteString("authority", stored.Authority?.AbsoluteUri);
        json.WriteString("profile", stored.Profile);
        json.WriteString("issuer", facts.Issuer);
        json.WriteString("serial", facts.Serial);
        json.WriteString("fingerprint_sha256", facts.Fingerprint);
        json.WriteString("not_before", stored.Life.NotBefore.ToUniversalTime());
        json.WriteString("not_after", stored.Life.NotAfter.ToUniversalTime());
        json.WriteString("key", facts.Key);
        json.WriteStartArray("chain");
        foreach (var (subject, end) in facts.Chain)
        {
            json.WriteStartObject();
            json.WriteString("subject", subject);
            json.WriteString("not_after", end);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Strings(json, "files", context.Store.FilesOf(stored.Name));
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    // What its CA said of its renewal (RFC 9773), as the keeper remembers it.
    private SuggestedWindow? Window(StoredCertificate? stored)
    {
        if (stored?.RenewalId is not { } id)
            return null;
        var memory = context.Program.Permitted(() => new AcmeState(StateDirectory.Open(context.Directory), context.Surroundings.Time).Keeper(new Dictionary<string, Uri>()).Peek());
        return memory.Renewals.GetValueOrDefault(stored.Name) is { } answer && answer.CertificateId == id ? answer.Window : null;
    }
}
