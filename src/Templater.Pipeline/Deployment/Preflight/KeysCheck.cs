using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Can the proxy's user read the keys? Pure but for <see cref="FilesOf"/>.</summary>
public static class KeysCheck
{
    private const uint Read = 4;
    private const uint Enter = 1;

    /// <summary>One finding for each proxy whose user may not read a key, naming the first of them.</summary>
    /// <param name="proxies">The proxies.</param>
    /// <param name="self">The container that Templater runs in, whose user sees the keys; null outside of containers.</param>
    /// <param name="keys">For each key its file, then the folders above it, ordered by path.</param>
    public static ImmutableArray<Finding> Examine(IEnumerable<Container> proxies, ContainerId? self, ImmutableArray<ImmutableArray<FileFacts>> keys)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        foreach (var proxy in proxies.Where(proxy => proxy.Id != self))
        {
            if (ProxyUser.Of(proxy.User, proxy.Groups) is not { Uid: not 0 } user)
                continue;
            var closed = keys.Where(static key => !key.IsEmpty).Select(key => FirstClosed(user, key)).OfType<FileFacts>().ToList();
            if (closed.Count > 0)
                findings.Add(Unreadable(proxy, user, closed[0], closed.Count - 1));
        }

        return findings.ToImmutable();
    }

    /// <summary>The same for the proxies of an output. Asks the file system, and only where one of them is not root.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxies.</param>
    /// <param name="top">The certificates directory.</param>
    public static ImmutableArray<Finding> Look(Snapshot snapshot, ProxyContext proxy, string top)
    {
        var proxies = snapshot.Containers.Where(container => proxy.Containers.Contains(container.Id) && ProxyUser.Of(container.User) is { Uid: not 0 }).ToList();
        return proxies.Count == 0 ? [] : Examine(proxies, snapshot.Self, FilesOf(snapshot.Certificates, proxy.Kind, top));
    }

    /// <summary>The keys that a kind of proxy reads, with their folders. Asks the file system.</summary>
    /// <param name="certificates">The usable pairs.</param>
    /// <param name="kind">The proxy.</param>
    /// <param name="top">The certificates directory.</param>
    public static ImmutableArray<ImmutableArray<FileFacts>> FilesOf(ImmutableArray<CertificatePair> certificates, ProxyKind kind, string top) => kind switch
    {
        ProxyKind.HAProxy => [.. certificates.Where(static pair => pair.IsCombined).Select(pair => FileFacts.Above(pair.KeyPath, top))],
        ProxyKind.Nginx => [.. certificates.Where(static pair => !pair.IsInHAProxyFolder).Select(pair => FileFacts.Above(pair.KeyPath, top))],
        _ => [],
    };

    private static FileFacts? FirstClosed(ProxyUser user, ImmutableArray<FileFacts> key)
    {
        // From above: who may not enter a folder sees nothing of what lies in it.
        for (var i = key.Length - 1; i > 0; i--)
        {
            if (!user.May(key[i], Enter))
                return key[i];
        }

        return user.May(key[0], Read) ? null : key[0];
    }

    private static Finding Unreadable(Container proxy, ProxyUser user, FileFacts file, int more)
    {
        var group = user.Gid ?? user.Uid;
        var others = more == 0 ? "" : $", nor {more} more";
        return new Finding(
            FindingSeverity.Error,
            ReasonIds.KeyUnreadable,
            $"the proxy \"{Untrusted.Shown(proxy.Name)}\" runs as {user} and cannot read {Untrusted.Shown(file.Path)} ({file.Describe()}){others}. Give it to that group (chgrp {group}) with mode 0640, and the folders above it mode 0755.")
        {
            Container = proxy.Name,
            Value = file.Path,
        };
    }
}
