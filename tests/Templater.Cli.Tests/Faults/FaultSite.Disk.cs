using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

// What is done to the disk below the configuration.
internal sealed partial class FaultSite
{
    private readonly Stack<string> _mounts = [];

    /// <summary>Something that a fault holds until it is gone.</summary>
    public IDisposable? Held { get; set; }

    private string Folder => _directory["config"];

    private string Filler => Path.Combine(Folder, ".filler");

    /// <summary>The folder of the configuration becomes a small disk of its own.</summary>
    public async Task MountAsync()
    {
        await MountAsync("-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", Folder);
        _mounts.Push(Folder);
    }

    public Task FillAsync()
    {
        using var file = File.Create(Filler);
        Mounts.Fill(file);
        return Task.CompletedTask;
    }

    public Task EmptyAsync()
    {
        File.Delete(Filler);
        return Task.CompletedTask;
    }

    public Task RemountAsync(string mode) => MountAsync("-o", "remount," + mode, Folder);

    /// <summary>The file alone is mounted, as <c>-v FILE:FILE</c> would: it can be written, but nothing can take its place.</summary>
    public async Task BindAsync()
    {
        var source = _directory["mounted"];
        File.Copy(Config, source);
        await MountAsync("--bind", source, Config);
        _mounts.Push(Config);
    }

    /// <summary>The file alone is mounted no more, and what lay below it is there again.</summary>
    public async Task UnbindAsync() => (await UnmountAsync(_mounts.Pop())).MustSucceed();

    /// <summary>The checker never ends from now on.</summary>
    public Task HangAsync()
    {
        File.WriteAllText(_directory["hang"], "");
        return Task.CompletedTask;
    }

    /// <summary>The checker ends again.</summary>
    public Task UnhangAsync()
    {
        File.Delete(_directory["hang"]);
        return Task.CompletedTask;
    }

    /// <summary>A checker of the user's, which takes everything.</summary>
    public async Task PrepareCheckAsync()
    {
        var check = _directory.Write("check", $"#!/bin/sh\nwhile [ -e {_directory["hang"]} ]; do sleep 1; done\n");
        (await ChildProcess.RunAsync("chmod", ["755", check])).MustSucceed();
    }

    private static async Task MountAsync(params string[] arguments) => (await ChildProcess.RunAsync("mount", arguments)).MustSucceed();

    private static Task<ChildResult> UnmountAsync(string mount) => ChildProcess.RunAsync("umount", ["-l", mount]);

    private async Task UnmountAsync()
    {
        Held?.Dispose();
        while (_mounts.TryPop(out var mount))
            await UnmountAsync(mount);
    }
}
