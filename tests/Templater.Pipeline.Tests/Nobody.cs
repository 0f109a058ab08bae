using System.Runtime.InteropServices;
using Templater.Testing;

namespace Templater.Pipeline.Tests;

/// <summary>A user who may read and write only what everybody may.</summary>
internal static class Nobody
{
    private const uint Id = 65534;

    /// <summary>Reports what is missing where the tests do not run as root.</summary>
    public static void Require()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            Missing.Report("to be another user needs root on Linux");
    }

    /// <summary>Does something as that user. With its file system user alone a thread is denied what others may not do.</summary>
    /// <param name="what">It stays on its thread.</param>
    public static T Do<T>(Func<T> what)
    {
        try
        {
            // The group first: whoever is not root may not change it.
            _ = SetFileSystemGroup(Id);
            _ = SetFileSystemUser(Id);
            return what();
        }
        finally
        {
            _ = SetFileSystemUser(0);
            _ = SetFileSystemGroup(0);
        }
    }

    [DllImport("libc", EntryPoint = "setfsuid"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileSystemUser(uint user);

    [DllImport("libc", EntryPoint = "setfsgid"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileSystemGroup(uint group);
}
