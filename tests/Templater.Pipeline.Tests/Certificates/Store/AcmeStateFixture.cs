using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Tests.Deployment;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>A state directory of its own for each test.</summary>
public abstract class AcmeStateFixture : DirectoryFixture
{
    private protected static readonly Uri Authority = new("https://ca.example/dir");
    private protected static readonly Uri OtherAuthority = new("https://other.example/dir");

    private protected FakeTimeProvider Time { get; } = new();

    private protected List<Finding> Notices { get; } = [];

    private protected string Path => Scratch["state/acme"];

    [SetUp]
    public void ForgetNotices() => Notices.Clear();

    /// <summary>What another start of the program finds.</summary>
    private protected AcmeState Opened() => new(StateDirectory.Open(Scratch["state"]), Time, aside => Notices.Add(aside.Finding));

    /// <summary>Everything below the folder, but for the lock.</summary>
    private protected string[] Files() =>
        [.. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Select(path => System.IO.Path.GetRelativePath(Path, path)).Where(static name => name != "lock").Order(StringComparer.Ordinal)];

    private protected static uint ModeOf(string path) => UnixFile.Owner(path)!.Value.Mode;

    private protected static string Thumbprint(PrivateKey? key) => key?.Public.Thumbprint ?? "none";
}
