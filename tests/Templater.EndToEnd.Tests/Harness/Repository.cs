namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Where this repository lies.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Templater.sln")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException("the tests do not run inside the repository");
    }
}
