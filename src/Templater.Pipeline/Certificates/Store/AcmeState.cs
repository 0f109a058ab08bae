using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>What is remembered of CAs in the folder <c>acme</c> of the state directory. Thread-safe; several processes may share it.</summary>
public sealed class AcmeState
{
    private const string Answers = "acme/answers";

    private readonly StateDirectory _directory;
    private readonly StoreGate _gate;
    private readonly Action<PutAsideFile>? _notice;

    /// <summary>Opens it; nothing is read yet.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notice">Is told of files that cannot be understood and were put aside; from any thread.</param>
    public AcmeState(StateDirectory directory, TimeProvider time, Action<PutAsideFile>? notice = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        _directory = directory;
        _gate = new StoreGate(directory["acme/lock"], time);
        _notice = notice;
        Accounts = new AccountStore(directory, _gate, notice);
        Orders = new OrderStore(directory, _gate, time, notice);
    }

    /// <summary>Accounts at CAs.</summary>
    public AccountStore Accounts { get; }

    /// <summary>Orders that are under way.</summary>
    public OrderStore Orders { get; }

    /// <summary>Folder of answers to http-01 that another process leaves to the one that listens; it may be missing.</summary>
    public string AnswersFolder => _directory[Answers];

    /// <summary>Makes <see cref="AnswersFolder"/> where it is missing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public void MakeAnswersFolder() => _directory.MakeFolder(Answers);

    /// <summary>What the keeper of certificates remembers.</summary>
    /// <param name="authorities">Directories of the authorities, by the names that it knows them by.</param>
    public KeeperMemoryFile Keeper(IReadOnlyDictionary<string, Uri> authorities) => new(_directory, _gate, authorities, _notice);

    /// <summary>
    /// What routing has to know of accounts, as a Templater with this state directory keeps it: for who only looks on, since nothing is
    /// made and nothing put aside.
    /// </summary>
    /// <param name="authorities">Directories of the authorities, by the names that routing knows them by.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public AcmeAnswers PeekAnswers(IReadOnlyDictionary<string, Uri> authorities)
    {
        ArgumentNullException.ThrowIfNull(authorities);
        var thumbprints = Ordinal.Empty.ToBuilder();
        foreach (var (name, directory) in authorities)
            if (Accounts.NextThumbprint(directory) is { } thumbprint)
                thumbprints[name] = thumbprint;
        return new AcmeAnswers { Thumbprints = thumbprints.ToImmutable(), Turned = Keeper(authorities).Peek().Turned };
    }
}
