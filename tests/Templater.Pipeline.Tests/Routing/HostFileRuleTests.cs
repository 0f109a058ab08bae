using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Files that are called like hosts close them, also where they cannot be honoured; nothing depends on any order.</summary>
public sealed class HostFileRuleTests
{
    private const string Users = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.\n";
    private const string Md5 = "ops:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n";
    private const string Host = "shop.example.com";

    // The proxy, what is there, what the container says, why it is not routed.
    [TestCase(ProxyKind.Nginx, "passwords/shop.example.com", "", null)]
    [TestCase(ProxyKind.HAProxy, "passwords/shop.example.com", "", null)]
    [TestCase(ProxyKind.Centauri, "passwords/shop.example.com", "", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.Nginx, "passwords/shop.example.com=md5", "", null)]
    [TestCase(ProxyKind.HAProxy, "passwords/shop.example.com=md5", "", ReasonIds.AuthUnusable)]
    [TestCase(ProxyKind.Nginx, "passwords/shop.example.com=plain", "", ReasonIds.AuthUnusable)]
    [TestCase(ProxyKind.Nginx, "passwords/shop.example.com=empty", "", ReasonIds.AuthUnusable)]
    [TestCase(ProxyKind.Nginx, "passwords/shop.example.com=bad", "", ReasonIds.AuthUnusable)]
    [TestCase(ProxyKind.Nginx, "passwords/other.example.com=bad", "", null)]
    [TestCase(ProxyKind.Nginx, "include/shop.example.com", "", null)]
    [TestCase(ProxyKind.Nginx, "include/shop.example.com=bad", "", null)]
    [TestCase(ProxyKind.Nginx, "include/shop.example.com=folder", "", ReasonIds.InvalidInput)]
    [TestCase(ProxyKind.Nginx, "include/shop.example.com_location=link", "", ReasonIds.InvalidInput)]
    [TestCase(ProxyKind.Nginx, "include/default=folder", "", ReasonIds.InvalidInput)]
    [TestCase(ProxyKind.Nginx, "include/shop.example.com include/default=folder", "", null)]
    [TestCase(ProxyKind.HAProxy, "include/shop.example.com", "", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.HAProxy, "include/default_location", "", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.Centauri, "include/default", "", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.HAProxy, "include/other.example.com", "", null)]
    [TestCase(ProxyKind.Nginx, "include/shop.example.com_location_override", "", null)]
    [TestCase(ProxyKind.Nginx, "include/shop.example.com_location_override", "NETWORK_ACCESS=internal", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.HAProxy, "include/shop.example.com_location_override", "", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.Nginx, "replacement/network_internal.conf", "NETWORK_ACCESS=internal", null)]
    [TestCase(ProxyKind.HAProxy, "replacement/network_internal.conf", "NETWORK_ACCESS=internal", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.HAProxy, "replacement/network_internal.conf", "", null)]
    [TestCase(ProxyKind.Nginx, "authority/shop.example.com.ca.crt", "", null)]
    [TestCase(ProxyKind.Nginx, "authority/ca.crt", "", null)]
    [TestCase(ProxyKind.Nginx, "authority/ca.crt", "HTTPS_METHOD=nohttps", null)]
    [TestCase(ProxyKind.Nginx, "authority/ca.crt=bad", "HTTPS_METHOD=nohttps", null)]
    [TestCase(ProxyKind.Nginx, "authority/shop.example.com.ca.crt=bad", "", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Nginx, "authority/shop.example.com.ca.crt=bad authority/ca.crt", "", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Nginx, "authority/shop.example.com.ca.crt=bad", "ssl_verify_client=off", null)]
    [TestCase(ProxyKind.Nginx, "authority/shop.example.com.ca.crt revocations/shop.example.com.crl.pem=bad", "", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Nginx, "authority/shop.example.com.ca.crt revocations/ca.crl.pem=bad", "", null)]
    [TestCase(ProxyKind.Nginx, "authority/ca.crt revocations/ca.crl.pem=bad", "", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Nginx, "", "ssl_verify_client=on", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Nginx, "", "ssl_verify_client=optional", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Nginx, "", "ssl_verify_client=off", null)]
    [TestCase(ProxyKind.Nginx, "authority/ca.crt", "ssl_verify_client=yes", ReasonIds.InvalidValue)]
    [TestCase(ProxyKind.HAProxy, "authority/ca.crt", "", null)]
    [TestCase(ProxyKind.HAProxy, "authority/shop.example.com.ca.crt=bad", "", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.HAProxy, "authority/ca.crt revocations/ca.crl.pem=bad", "", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.HAProxy, "", "ssl_verify_client=on", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Centauri, "authority/ca.crt", "", ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.Centauri, "authority/shop.example.com.ca.crt", "", ReasonIds.UnsupportedOption)]
    public void WhatAFileClosesIsNeverOpen(ProxyKind kind, string present, string said, string? reason)
    {
        var shop = Given.Container("shop").WithEnv([("VIRTUAL_HOST", Host), .. Variables(said)]);
        if (said.StartsWith("ssl_", StringComparison.Ordinal))
            shop = shop with { Labels = shop.Labels.SetItem("com.github.nginx-proxy.nginx-proxy.ssl_verify_client", said[(said.IndexOf('=', StringComparison.Ordinal) + 1)..]) };
        var names = present.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var dumps = new HashSet<string>();
        foreach (var order in new[] { names, [.. names.Reverse()] })
        {
            var snapshot = Given.Snapshot(Given.Proxy(), shop, Given.Container("open").WithEnv(("VIRTUAL_HOST", "open.example.com"))) with
            {
                OperatorFiles = [.. order.Select(FileOf)],
                Certificates = [Given.Pair(Host, Host), Given.Pair("open.example.com", "open.example.com")],
            };
            var result = Given.Routed(snapshot, kind: kind);
            var route = result.Host(Host).Routes.Single();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(result.FateOf("shop").Reason, Is.EqualTo(reason));
                Assert.That((route.IsClosed, route.Upstream.Servers.Length), Is.EqualTo((reason is not null, reason is null ? 1 : 0)));
                if (reason is not null && present.Length > 0 && reason != ReasonIds.InvalidValue)
                    Assert.That(result.Messages(reason).First(message => message.Contains("\"shop\"", StringComparison.Ordinal)), Does.Contain("/x/"), "the message names the file");
            }

            dumps.Add(Given.Dump(result));
        }

        Assert.That(dumps, Has.Count.EqualTo(1), "the order of the files decides");
    }

    [TestCase("", null)]
    [TestCase("on", ClientAuthMode.Required)]
    [TestCase("optional", ClientAuthMode.Optional)]
    public void TheAuthorityIsAskedForAsTheLabelSays(string label, ClientAuthMode? mode)
    {
        var shop = Given.Container("shop", ("com.github.nginx-proxy.nginx-proxy.ssl_verify_client", label)).WithEnv(("VIRTUAL_HOST", Host));
        var result = Given.Routed(Given.Snapshot(Given.Proxy(), shop) with { OperatorFiles = [FileOf("authority/ca.crt"), FileOf("revocations/ca.crl.pem")] });
        var auth = result.Host(Host).ClientAuth!;
        Assert.That((auth.Mode, auth.Path, auth.RevocationsPath), Is.EqualTo((mode ?? ClientAuthMode.Required, "/x/ca.crt", "/x/ca.crl.pem")));
    }

    /// <summary>A label names authorities only; what they took back is found by their name, then by the host's.</summary>
    [TestCase("own.pem", "revocations/shop.example.com.crl.pem", "/x/shop.example.com.crl.pem")]
    [TestCase("own.pem", "revocations/SHOP.example.com.crl.pem", "/x/SHOP.example.com.crl.pem")]
    [TestCase("own.pem", "revocations/other.example.com.crl.pem revocations/ca.crl.pem", null)]
    [TestCase("ca.crt", "revocations/ca.crl.pem revocations/shop.example.com.crl.pem", "/x/ca.crl.pem")]
    [TestCase("ca.crt", "revocations/shop.example.com.crl.pem", "/x/shop.example.com.crl.pem")]
    [TestCase("team.ca.crt", "revocations/team.crl.pem revocations/shop.example.com.crl.pem", "/x/team.crl.pem")]
    [TestCase("own.pem", "", null)]
    [TestCase("own.pem", "revocations/shop.example.com.crl.pem=bad", "closed")]
    [TestCase("ca.crt", "revocations/ca.crl.pem=bad revocations/shop.example.com.crl.pem", "closed")]
    public void ForNativeLabelsWhatWasTakenBackHoldsToo(string authority, string revocations, string? expected)
    {
        foreach (var kind in new[] { ProxyKind.Nginx, ProxyKind.HAProxy })
        {
            var shop = Given.Container("shop", ("templater.host", Host), ("templater.tls.client-auth", "required"), ("templater.tls.client-ca", authority));
            var files = revocations.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("authority/" + authority).Select(FileOf);
            var host = Given.Routed(Given.Snapshot(Given.Proxy(), shop) with { OperatorFiles = [.. files], Certificates = [Given.Pair(Host, Host)] }, kind: kind).Host(Host);
            if (expected == "closed")
                Assert.That(host.Routes.Single().IsClosed, $"{kind}");
            else
                Assert.That((host.Routes.Single().IsClosed, host.ClientAuth!.RevocationsPath), Is.EqualTo((false, expected)), $"{kind}");
        }
    }

    private static (string, string)[] Variables(string said) =>
        said.Length > 0 && char.IsUpper(said[0]) ? [(said[..said.IndexOf('=', StringComparison.Ordinal)], said[(said.IndexOf('=', StringComparison.Ordinal) + 1)..])] : [];

    private static OperatorFile FileOf(string text)
    {
        var (kind, rest) = (text[..text.IndexOf('/', StringComparison.Ordinal)], text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..].Split('='));
        var state = rest.Length > 1 ? rest[1] : "";
        return new OperatorFile
        {
            Kind = kind,
            Name = rest[0],
            Path = "/x/" + rest[0],
            Digest = state is "bad" or "folder" or "link" ? "" : "d",
            Text = kind != OperatorFile.Passwords ? "" : state switch { "md5" => Md5, "plain" => "ops:secret\n", "empty" or "bad" => "", _ => Users },
            Problem = state switch { "bad" => "it cannot be read", "folder" => OperatorFile.Folder, "link" => OperatorFile.DeadLink, _ => null },
        };
    }
}
