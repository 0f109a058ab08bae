using System.Globalization;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>What goes wrong with requests and replies, whatever is asked for: nonces, limits, times, bodies that are none.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TransportFaultTests : ProtocolFaultFixture
{
    // Fault 2
    [Test]
    public async Task NoncesThatAreRefusedForEverEndAfterABoundedNumberOfRequests()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var tries = 0;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (request.Path != NewOrder)
                return await onward(request);
            tries++;
            return ProxiedReply.Problem(400, "badNonce", ("Replay-Nonce", $"fresh{tries}"));
        };

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(tries, Is.EqualTo(1 + AcmeLimits.MaxNonceRetries));
            Assert.That(failure.Message, Does.Contain("badNonce: said by the test"));
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable), "the order is none that was refused");
        });
    }

    // Fault 9
    [Test]
    public async Task ANonceThatIsNotToBeHadIsAskedForAsOftenAsAnythingElse()
    {
        await using var ca = await TestCa.CreateAsync(Pebble, withAccount: false);
        ca.Proxy.Fault = async (request, onward, _) => request.Path == NewNonce ? ProxiedReply.Of(503, "text/html", "busy") : await onward(request);

        var failure = await TestCa.FailureAsync(() => ca.Client.NewAccountAsync(ca.Key, [], termsAgreed: true, null, CancellationToken.None));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(ca.Count(NewNonce), Is.EqualTo(1 + AcmeLimits.MaxTransientRetries));
        });
    }

    // Fault 2: the retry carries the nonce of the refusal.
    [Test]
    public async Task TheRetryCarriesTheNonceOfTheRefusal()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var nonces = new List<string>();
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (request.Path != NewOrder || nonces.Count == 2)
                return await onward(request);
            nonces.Add(NonceOf(request));
            return nonces.Count == 1 ? ProxiedReply.Problem(400, "badNonce", ("Replay-Nonce", "of-the-refusal")) : await onward(request);
        };

        await ObtainAsync(ca);

        Assert.That(nonces[1], Is.EqualTo("of-the-refusal"));
    }

    // Fault 3 and 4
    [TestCase]
    [TestCase("not a nonce!")]
    [TestCase("twice", "twice")]
    public async Task AReplyWithoutANonceThatCanBeUsedIsMadeUpForByANewOne(params string[] nonces)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) => request.Path == NewNonce ? await onward(request) : (await onward(request)).WithHeader("Replay-Nonce", nonces);

        await ObtainAsync(ca);

        Assert.That(ca.Proxy.Requests.Where(request => request.Method == "POST").Select(NonceOf), Has.None.EqualTo("twice").And.None.EqualTo("not a nonce!"));
    }

    // Fault 5
    [TestCase("3600", 3600)]
    [TestCase("864000", 864000)]
    [TestCase("date", 7200)]
    [TestCase("yesterday", 0)]
    [TestCase(null, null)]
    [TestCase("soon", null)]
    public async Task ALimitOfTheCasEndsTheOrderAtOnceAndTellsWhenItMayBeTriedAgain(string? header, int? seconds)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var value = header switch
        {
            "date" => DateTimeOffset.UtcNow.AddHours(2).ToString("r", CultureInfo.InvariantCulture),
            "yesterday" => DateTimeOffset.UtcNow.AddDays(-1).ToString("r", CultureInfo.InvariantCulture),
            _ => header,
        };
        ca.Proxy.Fault = async (request, onward, _) => request.Path == NewOrder
            ? ProxiedReply.Problem(429, "rateLimited", value is null ? [] : [("Retry-After", value)])
            : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.RateLimited));
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
            Assert.That((failure.RetryAt - DateTimeOffset.UtcNow)?.TotalSeconds, seconds is null ? Is.Null : Is.EqualTo(seconds).Within(10));
        });
    }

    // Fault 6
    [TestCase(NewNonce)]
    [TestCase(NewOrder)]
    [TestCase("/authZ/")]
    [TestCase("/chalZ/")]
    [TestCase(Finalize)]
    [TestCase(OrderUrl)]
    [TestCase(CertificateUrl)]
    public async Task ACaThatIsBusyForAWhileIsAskedAgain(string resource)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var date = DateTimeOffset.UtcNow.AddSeconds(-5).ToString("r", CultureInfo.InvariantCulture);
        FaultOnce(ca, resource, async (request, _) => await Task.FromResult(ProxiedReply.Of(503, "text/html", "<h1>busy</h1>", ("Retry-After", date))), everyNonce: resource == NewNonce);

        await ObtainAsync(ca);

        Assert.That(ca.Proxy.Requests.Count(request => request.Path.StartsWith(Finalize, StringComparison.Ordinal)), Is.EqualTo(resource == Finalize ? 2 : 1));
    }

    // Fault 6: longer than a request waits.
    [Test]
    public async Task ACaThatIsBusyForLongIsLeftAloneUntilThen()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) => request.Path == NewOrder ? ProxiedReply.Of(503, "text/html", "busy", ("Retry-After", "3600")) : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(failure.RetryAt, Is.Not.Null);
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
        });
    }

    // Fault 7
    [Test]
    public async Task APageOfSomeProxyIsToldWithItsStatusAndItsBeginning()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) => request.Path == NewOrder ? ProxiedReply.Of(502, "text/html", "<html>\r\n<h1>Bad Gateway\u001b[31m</h1>" + new string('x', 5000)) : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(failure.Message, Does.Contain("HTTP 502: <html> <h1>Bad Gateway [31m</h1>xxx"));
            Assert.That(failure.Message, Has.Length.LessThan(600));
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1), "an order may be there already");
        });
    }

    // Fault 8
    [Test]
    public async Task AReplyToFinalizeThatIsLostCostsNoSecondCertificate()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        FaultOnce(ca, Finalize, async (request, onward) =>
        {
            await onward(request);
            return null;
        });

        await ObtainAsync(ca);

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
            Assert.That(ca.Count(Finalize), Is.EqualTo(1));
        });
    }

    // Fault 8: the second time Pebble, like others, finds nothing pending any more.
    [TestCase(true, 1)]
    [TestCase(false, 0)]
    public async Task AChallengeThatIsToldTwiceCostsNoOrder(bool processed, int finalized)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var name = TestCa.NewName();
        var order = await ca.Client.NewOrderAsync(ca.Account, [name], "classic", null, CancellationToken.None);
        FaultOnce(ca, "/chalZ/", async (request, onward) =>
        {
            if (processed)
            {
                await onward(request);
                await ca.Client.WaitForAuthorizationAsync(ca.Account, order.Authorizations[0], CancellationToken.None);
            }

            return ProxiedReply.Problem(400, "malformed");
        });
        var wish = TestCa.Wish(name) with { Pending = new PendingOrder(ca.Client.DirectoryUrl, order.Url, [name], null) };

        if (processed)
            await ca.ObtainAsync(wish, new NoSolver());
        else
            Assert.That((await TestCa.FailureAsync(() => ca.ObtainAsync(wish, new NoSolver()))).Failure, Is.EqualTo(AcmeFailure.Refused));

        Assert.That((ca.Count(NewOrder), ca.Count(Finalize)), Is.EqualTo((1, finalized)));
    }

    // Fault 8
    [Test]
    public async Task AReplyToAnOrderThatIsLostIsAFailureThatMayPass()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        FaultOnce(ca, NewOrder, async (request, onward) =>
        {
            await onward(request);
            return null;
        });

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
            Assert.That(ca.Count(Finalize), Is.Zero);
        });
    }

    // Fault 9
    [TestCase("/dir")]
    [TestCase(NewOrder)]
    [TestCase("/authZ/")]
    [TestCase(Finalize)]
    [TestCase(CertificateUrl)]
    public async Task ACaThatDoesNotAnswerIsGivenUpAfterTheTimeOfARequest(string resource)
    {
        await using var ca = await TestCa.CreateAsync(Pebble, Brief, withAccount: resource != "/dir");
        ca.Proxy.Fault = async (request, onward, end) =>
        {
            if (!request.Path.StartsWith(resource, StringComparison.Ordinal))
                return await onward(request);
            await Task.Delay(Timeout.Infinite, end);
            return null;
        };

        var failure = await TestCa.FailureAsync(() => resource == "/dir" ? ca.Client.DirectoryAsync(CancellationToken.None) : ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(failure.Message, Does.Contain("did not answer within 2 s"));
        });
    }

    // Fault 10
    [TestCase(NewOrder, "")]
    [TestCase(NewOrder, "{\"status\":\"pen")]
    [TestCase(NewOrder, "null")]
    [TestCase(NewOrder, "[]")]
    [TestCase(NewOrder, "{\"status\":\"pending\"}")]
    [TestCase(NewOrder, "{\"status\":null,\"identifiers\":[],\"authorizations\":[],\"finalize\":\"https://x.test/\"}")]
    [TestCase(NewOrder, "{\"status\":\"pending\",\"identifiers\":[null],\"authorizations\":[],\"finalize\":\"https://x.test/\"}")]
    [TestCase(NewOrder, "{\"status\":\"pending\",\"identifiers\":[{}],\"authorizations\":[],\"finalize\":\"https://x.test/\"}")]
    [TestCase(NewOrder, "{\"status\":\"pending\",\"identifiers\":[],\"authorizations\":[null],\"finalize\":\"https://x.test/\"}")]
    [TestCase("/authZ/", "{}")]
    [TestCase("/authZ/", "{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\",\"value\":\"a.test\"},\"challenges\":[null]}")]
    [TestCase(OrderUrl, "<html>")]
    public async Task ABodyThatCannotBeReadIsAnAnswerThatTheRfcDoesNotAllow(string resource, string body)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) => request.Path.StartsWith(resource, StringComparison.Ordinal) ? (await onward(request)).With(body) : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.BadAnswer));
            Assert.That(failure.Message, Does.Contain("that can be read"));
        });
    }

    // Fault 10
    [TestCase("authZ")]
    [TestCase("finalize-order")]
    [TestCase("certZ")]
    public async Task AUrlWithoutItsHostIsNoneThatIsAsked(string resource)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) => (await onward(request)) is var reply && (request.Path == NewOrder || request.Path.StartsWith(OrderUrl, StringComparison.Ordinal))
            ? reply.With(System.Text.RegularExpressions.Regex.Replace(reply.Text, $"https://[^\"]*/({resource}/)", "$1"))
            : reply;

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.BadAnswer));
            Assert.That(failure.Message, Does.Contain($"'{resource}/").And.Contain("is no https URL"));
        });
    }

    // Fault 10
    [Test]
    public async Task ABodyWithoutEndIsNotReadToItsEnd()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) => request.Path.StartsWith(CertificateUrl, StringComparison.Ordinal) ? (await onward(request)).With(new string(' ', AcmeLimits.MaxBodyBytes + 1)) : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.That(failure.Message, Does.Contain("more than 1048576 bytes"));
    }

    // Fault 11
    [Test]
    public async Task ADirectoryWithoutAResourceIsRefused()
    {
        await using var ca = await TestCa.CreateAsync(Pebble, withAccount: false);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path == "/dir" ? reply.With(reply.Text.Replace("newAccount", "other", StringComparison.Ordinal)) : reply;
        };

        var failure = await TestCa.FailureAsync(() => ca.Client.DirectoryAsync(CancellationToken.None));

        Assert.That(failure.Message, Does.Contain("sent no directory that can be read"));
    }

    // Fault 11
    [Test]
    public async Task AResourceThatMovedIsLookedUpInTheDirectoryAgain()
    {
        await using var ca = await TestCa.CreateAsync(Pebble, withAccount: false);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path == "/dir" ? reply.With(reply.Text.Replace("/sign-me-up", "/moved", StringComparison.Ordinal)) : reply;
        };
        await ca.Client.DirectoryAsync(CancellationToken.None);
        ca.Proxy.Fault = null;

        var (account, _) = await ca.Client.NewAccountAsync(ca.Key, [], termsAgreed: true, null, CancellationToken.None);

        Assert.Multiple(() =>
        {
            Assert.That(account.Url.IsAbsoluteUri, Is.True);
            Assert.That(ca.Count("/moved"), Is.EqualTo(1));
            Assert.That(ca.Count("/dir"), Is.EqualTo(2));
        });
    }

    // Fault 11
    [Test]
    public async Task ARedirectIsNotFollowedButTold()
    {
        await using var ca = await TestCa.CreateAsync(Pebble, withAccount: false);
        ca.Proxy.Fault = (request, onward, _) => Task.FromResult<ProxiedReply?>(ProxiedReply.Of(301, "text/html", "", ("Location", "https://elsewhere.test/dir")));

        var failure = await TestCa.FailureAsync(() => ca.Client.DirectoryAsync(CancellationToken.None));

        Assert.That(failure.Message, Does.Contain("it points to https://elsewhere.test/dir"));
    }

    [Test]
    public async Task EveryRequestNamesTheProgramAndSignedOnesHaveTheExactMediaType()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        await ObtainAsync(ca);

        Assert.Multiple(() =>
        {
            Assert.That(ca.Proxy.Requests.Select(request => request.Headers["User-Agent"]), Has.All.EqualTo("templater-tests/1.0"));
            Assert.That(ca.Proxy.Requests.Where(request => request.Method == "POST").Select(request => request.Headers["Content-Type"]), Has.All.EqualTo("application/jose+json"));
            Assert.That(ca.Proxy.Requests.Where(request => request.Method == "POST").Select(request => request.Headers.ContainsKey("Content-Length")), Has.All.True);
        });
    }

    [Test]
    public async Task ACaWhoseTlsIsNotTrustedIsNotSpokenTo()
    {
        await using var ca = await TestCa.CreateAsync(Pebble, withAccount: false);
        using var http = new AcmeHttp(new AcmeHttpOptions { UserAgent = "templater-tests/1.0", Limits = TestCa.Quick }, TimeProvider.System);

        var failure = await TestCa.FailureAsync(() => new AcmeClient(ca.Proxy.DirectoryUrl, http, TimeProvider.System).DirectoryAsync(CancellationToken.None));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(failure.Message, Does.Contain("its TLS certificate is not trusted"));
            Assert.That(ca.Proxy.Requests, Is.Empty);
        });
    }

    private static string NonceOf(ProxiedRequest request)
    {
        using var message = System.Text.Json.JsonDocument.Parse(request.Body);
        using var header = System.Text.Json.JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(message.RootElement.GetProperty("protected").GetString()!));
        return header.RootElement.GetProperty("nonce").GetString()!;
    }
}
