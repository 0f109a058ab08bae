using Templater.Acme.Protocol;

namespace Templater.Acme.Tests.Protocol;

/// <summary>Names and addresses in the form that CAs compare.</summary>
public sealed class IdentifierTests
{
    [TestCase("WWW.Example.ORG.", "dns", "www.example.org")]
    [TestCase("*.Example.org", "dns", "*.example.org")]
    [TestCase("bücher.example", "dns", "xn--bcher-kva.example")]
    [TestCase("*.bücher.example", "dns", "*.xn--bcher-kva.example")]
    [TestCase("intranet", "dns", "intranet")]
    [TestCase("192.0.2.1", "ip", "192.0.2.1")]
    [TestCase("2001:DB8:0:0::1", "ip", "2001:db8::1")]
    [TestCase("fe80::1%3", "ip", "fe80::1")]
    public void IsInOneForm(string text, string type, string value) => Assert.That(Identifier.Parse(text), Is.EqualTo(new Identifier(type, value)));

    [TestCase("", "empty|1 to 63")]
    [TestCase("a..example", "empty")]
    [TestCase(".example", "empty")]
    [TestCase("a_b.example", "'_' is not allowed")]
    [TestCase("a b.example", "' ' is not allowed")]
    [TestCase("-a.example", "hyphen")]
    [TestCase("a-.example", "hyphen")]
    [TestCase("*.*.example", "[*]")]
    [TestCase("a.*.example", "[*]")]
    [TestCase("*", "[*]")]
    [TestCase("a/b.example", "'/'")]
    [TestCase("1.2.3", "last label is a number")]
    [TestCase("0x7f.1", "last label is a number")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "long|63")]
    public void WhatNoCaWouldTakeIsRefused(string text, string reason) =>
        Assert.That(() => Identifier.Parse(text), Throws.ArgumentException.With.Message.Match(reason).And.Message.Contains($"'{text}' is no name for a certificate"));

    [Test]
    public void TheLongestNameIsTakenAndALongerOneNot()
    {
        var label = new string('a', 49);
        var longest = $"{label}.{label}.{label}.{label}.{label}.xyz";

        Assert.That(longest, Has.Length.EqualTo(Identifier.MaxNameLength));
        Assert.That(Identifier.Dns(longest).Value, Is.EqualTo(longest));
        Assert.That(() => Identifier.Dns("a" + longest), Throws.ArgumentException);
    }
}
