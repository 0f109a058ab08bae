using Templater.Pipeline.Certificates.Store;

namespace Templater.Pipeline.Tests.Certificates.Store;

public sealed class StoreNameTests
{
    [TestCase("a.example.com", "a.example.com")]
    [TestCase("*.example.com", "_.example.com")]
    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("2001:db8::1", "2001_db8__1")]
    [TestCase("xn--bcher-kva.example", "xn--bcher-kva.example")]
    public void ACertificatesNameIsReadable(string name, string expected) => Assert.That(StoreName.OfCertificate(name), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("*")]
    [TestCase("*.")]
    [TestCase("../etc")]
    [TestCase("a/b")]
    [TestCase(".hidden")]
    [TestCase("-a")]
    [TestCase("*.*.a")]
    [TestCase("a_b")]
    [TestCase("A.example.com")]
    [TestCase("a\0b")]
    [TestCase("a~b")]
    [TestCase("bücher.example")]
    public void WhatIsNoNameIsRefused(string name) => Assert.That(() => StoreName.OfCertificate(name), Throws.ArgumentException);

    [Test]
    public void NoTwoNamesHaveTheSameFile()
    {
        string[] names =
        [
            "example.com", "*.example.com", "a.example.com", "1", "::1", "1::", "::", "0:0:0:0:0:0:0:1", "::ffff:192.0.2.1",
            Long("a"), Long("b"), "*." + Long("a"), Long("a")[..160], Long("a")[..161],
        ];

        var files = names.Select(StoreName.OfCertificate).ToList();

        Assert.That(files, Is.Unique);
        Assert.That(files, Is.All.Length.LessThan(200), "there is room for suffixes");
        Assert.That(files, Is.All.Not.StartsWith(".").And.Not.Contain("/").And.Not.Contain("*"));
    }

    [TestCase("https://acme-v02.api.letsencrypt.org/directory", "acme-v02.api.letsencrypt.org%2Fdirectory")]
    [TestCase("https://[2001:db8::1]:14000/dir", "%5B2001%3Adb8%3A%3A1%5D%3A14000%2Fdir")]
    public void ACasNameIsReadable(string directory, string expected) => Assert.That(StoreName.OfAuthority(new Uri(directory)), Is.EqualTo(expected));

    [Test]
    public void NoTwoCasHaveTheSameFile()
    {
        string[] directories =
        [
            "https://ca.example/a", "https://ca.example/A", "https://ca.example/a/", "http://ca.example/a", "https://ca.example/a?b", "https://ca.example:444/a",
            $"https://ca.example/{Long("a")}a", $"https://ca.example/{Long("a")}b",
        ];

        var files = directories.Select(static one => StoreName.OfAuthority(new Uri(one)).ToLowerInvariant()).ToList();

        Assert.That(files, Is.Unique);
        Assert.That(files, Is.All.Length.LessThan(200));
    }

    private static string Long(string label) => string.Join('.', Enumerable.Repeat(new string(label[0], 62), 4));
}
