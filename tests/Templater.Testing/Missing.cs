using System.Diagnostics.CodeAnalysis;
using NUnit.Framework;

namespace Templater.Testing;

/// <summary>What happens to a test whose real program is not on this machine.</summary>
public static class Missing
{
    /// <summary>Ignores the test with the reason, or fails it when <c>CI=true</c>: there everything must be installed.</summary>
    /// <param name="reason">One line that says what is missing.</param>
    [DoesNotReturn]
    public static void Report(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            throw new AssertionException($"{reason}, and with CI=true nothing may be skipped");
        throw new IgnoreException(reason);
    }

    /// <summary>The same, where the tests do not run as root.</summary>
    /// <param name="what">What needs root: "giving files away".</param>
    public static void UnlessRoot(string what)
    {
        if (Environment.UserName != "root")
            Report($"{what} needs root");
    }
}
