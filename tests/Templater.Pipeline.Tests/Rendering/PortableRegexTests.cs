using System.Text.RegularExpressions;
using Templater.Pipeline.Rendering.Quoting;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class PortableRegexTests
{
    [TestCase("^shop[0-9]+\\.example\\.com$")]
    [TestCase("(?i)^(www|api)\\.example\\.(?:com|org)$")]
    [TestCase("a{2,3}b*?c+\\d\\w\\s[^a-z\\d.-]")]
    [TestCase("")]
    [TestCase("^/api/v[12]/")]
    [TestCase("a|b||c")]
    [TestCase("~^x$")]
    [TestCase("[a-z-]")]
    [TestCase("\\{x\\}")]
    [TestCase("é+")]
    public void OrdinaryExpressionsAreFine(string expression) =>
        Assert.That(PortableRegex.Problem(expression), Is.Null);

    [TestCase("(a")]
    [TestCase("a)")]
    [TestCase("[a")]
    [TestCase("[]")]
    [TestCase("[z-a]")]
    [TestCase("[[:alpha:]]")]
    [TestCase("*a")]
    [TestCase("a**")]
    [TestCase("a++")]
    [TestCase("a{")]
    [TestCase("a{2")]
    [TestCase("a{3,2}")]
    [TestCase("a{1001}")]
    [TestCase("(a{100}){100}")]
    [TestCase("((a{50}){50}){50}")]
    [TestCase("a\\")]
    [TestCase("(?<host>a)")]
    [TestCase("(?P<host>a)")]
    [TestCase("(?=a)")]
    [TestCase("(?<!a)b")]
    [TestCase("a(?i)b")]
    [TestCase("(a)\\1")]
    [TestCase("\\p{L}")]
    [TestCase("\\Qa\\E")]
    [TestCase("\\x41")]
    [TestCase("\\<word\\>")]
    [TestCase("^*")]
    [TestCase("a\nb")]
    [TestCase("[é]")]
    public void WhatPcreCouldReadDifferentlyIsRefused(string expression) =>
        Assert.That(PortableRegex.Problem(expression), Does.StartWith("is a regular expression that").Or.StartWith("contains"));

    [Test]
    public void DeepNestingIsRefusedInsteadOfOverflowing() =>
        Assert.That(PortableRegex.Problem(new string('(', 900) + new string(')', 900)), Does.Contain("nests"));

    [Test]
    public async Task WhatIsFineCompilesInDotNetAndInTheRealNginx()
    {
        var fine = NastyText.Random(seed: 11, 20_000).Where(text => PortableRegex.Problem(text) is null).Distinct().Take(1500).ToList();
        Assert.That(fine, Has.Count.GreaterThan(200));
        foreach (var expression in fine)
            Assert.That(() => new Regex(expression), Throws.Nothing, expression);
        var locations = fine.Select(text => $"    location ~ {NginxQuoting.Regex(text).Text} {{ return 204; }}\n");
        await RealChecker.AcceptsNginx($"events {{}}\nhttp {{\n  access_log off;\n  server {{\n{string.Concat(locations)}  }}\n}}\n");
    }
}
