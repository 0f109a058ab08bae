using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>What <c>dotnet publish src/Templater.Cli</c> writes: the files that the image carries.</summary>
internal static class ShippedForm
{
    private static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(3);

    private static readonly SemaphoreSlim Publishing = new(1, 1);

    public static string Directory => Repository.PathOf("artifacts", "publish", "amd64");

    public static string Program => Path.Combine(Directory, "templater");

    /// <summary>Publishes, unless that was done since the newest change of a source or template.</summary>
    public static async Task EnsurePublishedAsync()
    {
        await Publishing.WaitAsync();
        try
        {
            if (File.Exists(Program) && File.GetLastWriteTimeUtc(Program) > NewestSource())
                return;
            var publish = await ChildProcess.RunAsync("dotnet", ["publish", Repository.PathOf("src", "Templater.Cli"), "-v", "q"], timeLimit: PublishLimit);
            publish.MustSucceed();
            File.SetLastWriteTimeUtc(Program, DateTime.UtcNow);
        }
        finally
        {
            Publishing.Release();
        }
    }

    private static DateTime NewestSource() =>
        new[] { "src", "templates" }.Select(name => Repository.PathOf(name)).Where(System.IO.Directory.Exists)
            .SelectMany(root => System.IO.Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            .Max(File.GetLastWriteTimeUtc);
}
