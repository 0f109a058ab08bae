namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Where this repository lies, and whether its tests run in the long tier.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The numbers of the acceptance criteria in full (<c>tests/run --full</c>), not those of the CI tier.</summary>
    public static bool IsFullTier { get; } = Environment.GetEnvironmentVariable("TESTS_TIER") == "full";

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
