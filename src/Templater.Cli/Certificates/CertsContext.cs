using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Cli.Status;
using Templater.Pipeline;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Certificates;

/// <summary>What the subcommands of <c>certs</c> know of the Templater that runs and of its store.</summary>
/// <param name="surroundings">Output and clock.</param>
/// <param name="settings">The settings.</param>
/// <param name="directory">The state directory.</param>
/// <param name="program">The program that runs with it.</param>
internal sealed class CertsContext(Surroundings surroundings, Settings settings, string directory, RunningProgram program)
{
    private CertificateStore? _store;

    /// <summary>Output and clock.</summary>
    public Surroundings Surroundings => surroundings;

    /// <summary>The settings.</summary>
    public Settings Settings => settings;

    /// <summary>The state directory.</summary>
    public string Directory => directory;

    /// <summary>The program that runs with it.</summary>
    public RunningProgram Program => program;

    /// <summary>The present.</summary>
    public DateTimeOffset Now => surroundings.Time.GetUtcNow();

    /// <summary>The store of the certificates directory, for reading; where none are obtained, too.</summary>
    public CertificateStore Store => _store ??= new CertificateStore(
        settings.Acme?.Store ?? new StoreOptions { Directory = settings.Get(CertificateSettings.CertsDirectory) }, surroundings.Time);

    /// <summary>What the program says of itself.</summary>
    /// <exception cref="CommandFailedException">No Templater has used the state directory, or it may not be read.</exception>
    public StatusReport Report()
    {
        if (StateDirectory.Problem(directory) is { } unusable)
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, unusable);
        return program.Report();
    }

    /// <summary>The certificates that it wants.</summary>
    /// <param name="report">What it says.</param>
    /// <exception cref="CommandFailedException">That is not known.</exception>
    public static IReadOnlyList<CertificateState> Wanted(StatusReport report) => report.Told switch
    {
        { Certificates: { } wanted } => wanted,
        { AwaitsCertificates: true } when report.IsRunning => throw NotKnownYet(report),
        { AwaitsCertificates: true } => throw new CommandFailedException(
            ExitCode.Environment, ReasonIds.TemplaterNotRunning, "the Templater of this state directory ended before it knew which certificates are wanted. Start it with templater run."),
        _ => throw new CommandFailedException(
            ExitCode.Environment, ReasonIds.TemplaterNotRunning, "no Templater that obtains certificates has run with this state directory. They are obtained where acme_email is set."),
    };

    private static CommandFailedException NotKnownYet(StatusReport report)
    {
        Finding[] obstacles = [.. CertificatesText.Obstacles(report).Select(static one => new Finding(FindingSeverity.Error, one.Reason, one.Message))];
        return new(ExitCode.Environment,
        [
            new Finding(FindingSeverity.Error, ReasonIds.NotReadyYet, obstacles.Length > 0
                ? "it is not known yet which certificates are wanted, because of what stands below."
                : "it is not known yet which certificates are wanted: the first look at the containers is not done. Ask again in a moment."),
            .. obstacles,
        ]);
    }

    /// <summary>Says that nobody runs, where that is so: what is told then is what was left behind.</summary>
    /// <param name="report">What the program says.</param>
    public void TellWhoIsGone(StatusReport report)
    {
        if (!report.IsRunning)
            LogWriter.ForDiagnostics(surroundings, settings).WriteAll([RunningProgram.LeftBehind(directory)]);
    }

    /// <summary>What the program says of itself, as long as it runs.</summary>
    /// <param name="waiting">Who waits for it, such as the name of a certificate.</param>
    /// <exception cref="CommandFailedException">It has ended.</exception>
    public StatusReport ReportOfTheOneAsked(string waiting)
    {
        var report = Report();
        return report.IsRunning ? report : throw new CommandFailedException(ExitCode.Environment, ReasonIds.TemplaterNotRunning,
            $"{VisibleText.Of(waiting)}: the Templater that was asked has ended meanwhile. Start it with templater run, and ask again.");
    }

    /// <summary>One of them, by its name or a name in it; null where there is none.</summary>
    /// <param name="wanted">The certificates.</param>
    /// <param name="name">The name.</param>
    public static CertificateState? Find(IReadOnlyList<CertificateState> wanted, string name) =>
        wanted.FirstOrDefault(certificate => string.Equals(certificate.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? wanted.FirstOrDefault(certificate => certificate.Names.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>One that is wanted.</summary>
    /// <param name="name">Its name, or a name in it.</param>
    /// <exception cref="CommandFailedException">None is.</exception>
    public CertificateState Find(string name) => Find(Report(), name);

    /// <summary>One that is wanted.</summary>
    /// <param name="report">What the program says.</param>
    /// <param name="name">Its name, or a name in it.</param>
    /// <exception cref="CommandFailedException">None is.</exception>
    public static CertificateState Find(StatusReport report, string name)
    {
        var wanted = Wanted(report);
        return Find(wanted, name) ?? throw Unknown(name, "is wanted", wanted.Select(static certificate => certificate.Name));
    }

    /// <summary>One of the store; null where there is none.</summary>
    /// <param name="name">Its name, or a name in it.</param>
    /// <exception cref="CommandFailedException">The store may not be read.</exception>
    public StoredCertificate? Stored(string name) => Readable(() =>
    {
        var all = Store.All;
        // What cannot be read is not among them, and yet not absent.
        return all.FirstOrDefault(certificate => string.Equals(certificate.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? (CertificateStore.IsName(name.ToLowerInvariant()) ? Store.Find(name.ToLowerInvariant()) : null)
            ?? all.FirstOrDefault(certificate => certificate.Names.Contains(name, StringComparer.OrdinalIgnoreCase));
    });

    /// <summary>One of the store.</summary>
    /// <param name="name">Its name, or a name in it.</param>
    /// <exception cref="CommandFailedException">There is none, or the store may not be read.</exception>
    public StoredCertificate StoredOrFail(string name) =>
        Stored(name) ?? throw Unknown(name, $"is in {settings.Get(CertificateSettings.CertsDirectory)}", Readable(() => Store.All).Select(static one => one.Name));

    /// <summary>Does something with the store, or fails in words.</summary>
    /// <param name="read">What is done.</param>
    public T Readable<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
    }

    /// <summary>That the certificates directory cannot be used, in words.</summary>
    /// <param name="exception">Why.</param>
    public CommandFailedException Unusable(Exception exception) => exception is OutputFileException known
        ? new CommandFailedException(ExitCode.Environment, [known.Finding])
        : new CommandFailedException(ExitCode.Environment, ReasonIds.KeyUnreadable,
            $"the certificates in {settings.Get(CertificateSettings.CertsDirectory)} cannot be used: {FileTrouble.Of(exception)} Ask inside the container that runs Templater, as its user.");

    /// <summary>That a name is not known, in words.</summary>
    /// <param name="name">The name.</param>
    /// <param name="what">What no certificate of this name is.</param>
    /// <param name="known">Those that are.</param>
    public static CommandFailedException Unknown(string name, string what, IEnumerable<string> known)
    {
        var names = known.Select(VisibleText.Of).ToList();
        return new(ExitCode.Invalid, ReasonIds.InvalidInput, $"no certificate \"{VisibleText.Of(name)}\" {what}{(names.Count == 0 ? "" : $"; there are {string.Join(", ", names)}")}.");
    }

    /// <summary>Writes a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SayAsync(string line, CancellationToken cancellationToken) => surroundings.Output.WriteAsync((line + "\n").AsMemory(), cancellationToken);

    /// <summary>A moment, as people read it.</summary>
    /// <param name="at">When.</param>
    public string Moment(DateTimeOffset at) => StatusWords.Moment(at, Now);
}
