using Templater.Acme.Protocol;

namespace Templater.Acme.Tests.Live;

/// <summary>What goes wrong with what a CA hands over: chains, tokens, its own words.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ChainFaultTests : ProtocolFaultFixture
{
    // Fault 30
    [TestCase("key", "a block that is no certificate but a private key")]
    [TestCase("garbage", "something between the certificates that is none")]
    [TestCase("cut", "cut off or damaged")]
    [TestCase("empty", "it is empty")]
    [TestCase("glued", "cut off or damaged|there is no certificate in it|something between")]
    [TestCase("reversed", "a later one is")]
    [TestCase("own", "is for another key")]
    [TestCase("foreign", "do not sign one another")]
    [TestCase("body", "cannot be read")]
    public async Task AChainThatIsNoneIsNotTaken(string fault, string expected)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var other = await ObtainAsync(ca);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path.StartsWith(CertificateUrl, StringComparison.Ordinal) ? reply.With(Broken(fault, reply.Text, other, ca.Pebble.Transport.Authority.ExportCertificatePem() + "\n")) : reply;
        };

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.BadAnswer));
            Assert.That(failure.Message, Does.Match(expected));
            Assert.That(failure.ToString(), Does.Not.Contain("MIG"), "nothing of a key is told");
        });
    }

    // Fault 30
    [Test]
    public async Task AChainWithOtherLineBreaksIsTakenAndWrittenAnew()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path.StartsWith(CertificateUrl, StringComparison.Ordinal) ? reply.With("\r\n" + reply.Text.TrimEnd().Replace("\n", "\r\n", StringComparison.Ordinal)) : reply;
        };

        var issued = await ObtainAsync(ca);

        Assert.That(issued.Chain.ToPem(), Does.Not.Contain("\r").And.EndsWith("-----END CERTIFICATE-----\n"));
    }

    // Fault 35
    [TestCase("../../x")]
    [TestCase("")]
    [TestCase("a b")]
    [TestCase("long")]
    public async Task ATokenThatIsNoneReachesNoSolver(string token)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var sent = token == "long" ? new string('a', 10_000) : token;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path.StartsWith("/authZ/", StringComparison.Ordinal) ? reply.With(System.Text.RegularExpressions.Regex.Replace(reply.Text, "\"token\": *\"[^\"]*\"", $"\"token\":\"{sent}\"")) : reply;
        };
        var solver = new NoSolver();

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(TestCa.NewName()), solver));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.BadAnswer));
            Assert.That(solver.Calls, Is.Empty);
        });
    }

    [Test]
    public async Task ANameThatTheCaMadeUpIsShownAsOneLine()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var name = TestCa.NewName();
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path.StartsWith("/authZ/", StringComparison.Ordinal) ? reply.With(reply.Text.Replace(name.Value, @"red\u001b[31m\nname", StringComparison.Ordinal)) : reply;
        };

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(name), new NoSolver { OnPresent = (_, _) => throw new ChallengeException("it cannot be written") }));

        Assert.That(failure.Message, Is.EqualTo("cannot present the answer to http-01 for red [31m name: it cannot be written"));
    }

    private static string Broken(string fault, string chain, IssuedCertificate other, string foreign)
    {
        var first = chain[..(chain.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + "-----END CERTIFICATE-----".Length)] + "\n";
        return fault switch
        {
            "key" => chain + other.Key.ToPem(),
            "garbage" => first + "server { }\n" + chain[first.Length..],
            "cut" => chain[..(chain.Length - 100)],
            "empty" => "",
            "glued" => chain.Replace("-----\n-----", "----------", StringComparison.Ordinal),
            "reversed" => chain[first.Length..].TrimStart() + first,
            "own" => other.Chain.ToPem(),
            "foreign" => first + foreign,
            "body" => first.Replace("\nMII", "\nAAA", StringComparison.Ordinal),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
    }
}
