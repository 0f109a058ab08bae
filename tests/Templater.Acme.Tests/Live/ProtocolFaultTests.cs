using System.Globalization;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>What goes wrong between a client and its CA: after each fault a certificate comes nevertheless, or one clear failure does and nothing is ordered needlessly.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ProtocolFaultTests
{
    private const string NewOrder = "/order-plz";
    private const string Finalize = "/finalize-order/";
    private const string OrderUrl = "/my-order/";
    private const string CertificateUrl = "/certZ/";
    private const string NewNonce = "/nonce-plz";

    private static readonly AcmeLimits Brief = TestCa.Quick with { RequestTimeout = TimeSpan.FromMilliseconds(500), PollDeadline = TimeSpan.FromMilliseconds(600) };

    private Pebble _pebble = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true });

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_pebble is not null)
            await _pebble.DisposeAsync();
    }

    // Fault 2
    [Test]
    public async Task NoncesThatAreRefusedForEverEndAfterABoundedNumberOfRequests()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        });
    }

    // Fault 2: the retry carries the nonce of the refusal.
    [Test]
    public async Task TheRetryCarriesTheNonceOfTheRefusal()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
        var date = DateTimeOffset.UtcNow.AddSeconds(-5).ToString("r", CultureInfo.InvariantCulture);
        FaultOnce(ca, resource, async (request, _) => await Task.FromResult(ProxiedReply.Of(503, "text/html", "<h1>busy</h1>", ("Retry-After", date))), everyNonce: resource == NewNonce);

        await ObtainAsync(ca);

        Assert.That(ca.Proxy.Requests.Count(request => request.Path.StartsWith(Finalize, StringComparison.Ordinal)), Is.EqualTo(resource == Finalize ? 2 : 1));
    }

    // Fault 6: longer than a request waits.
    [Test]
    public async Task ACaThatIsBusyForLongIsLeftAloneUntilThen()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
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

    // Fault 8
    [Test]
    public async Task AReplyToAnOrderThatIsLostIsAFailureThatMayPass()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble, Brief, withAccount: resource != "/dir");
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
            Assert.That(failure.Message, Does.Contain("did not answer within 0.5 s"));
        });
    }

    // Fault 10
    [TestCase(NewOrder, "")]
    [TestCase(NewOrder, "{\"status\":\"pen")]
    [TestCase(NewOrder, "null")]
    [TestCase(NewOrder, "[]")]
    [TestCase(NewOrder, "{\"status\":\"pending\"}")]
    [TestCase(NewOrder, "{\"status\":null,\"identifiers\":[],\"authorizations\":[],\"finalize\":\"https://x.test/\"}")]
    [TestCase("/authZ/", "{}")]
    [TestCase(OrderUrl, "<html>")]
    public async Task ABodyThatCannotBeReadIsAnAnswerThatTheRfcDoesNotAllow(string resource, string body)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        ca.Proxy.Fault = async (request, onward, _) => request.Path.StartsWith(resource, StringComparison.Ordinal) ? (await onward(request)).With(body) : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.BadAnswer));
            Assert.That(failure.Message, Does.Contain("that can be read"));
        });
    }

    // Fault 10
    [Test]
    public async Task ABodyWithoutEndIsNotReadToItsEnd()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        ca.Proxy.Fault = async (request, onward, _) => request.Path.StartsWith(CertificateUrl, StringComparison.Ordinal) ? (await onward(request)).With(new string(' ', AcmeLimits.MaxBodyBytes + 1)) : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.That(failure.Message, Does.Contain("more than 1048576 bytes"));
    }

    // Fault 11
    [Test]
    public async Task ADirectoryWithoutAResourceIsRefused()
    {
        await using var ca = await TestCa.CreateAsync(_pebble, withAccount: false);
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
        await using var ca = await TestCa.CreateAsync(_pebble, withAccount: false);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path == "/dir" ? reply.With(reply.Text.Replace("/sign-me-up", "/moved", StringComparison.Ordinal)) : reply;
        };
        await ca.Client.DirectoryAsync(CancellationToken.None);
        ca.Proxy.Fault = null;

        var account = await ca.Client.NewAccountAsync(ca.Key, [], termsAgreed: true, null, CancellationToken.None);

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
        await using var ca = await TestCa.CreateAsync(_pebble, withAccount: false);
        ca.Proxy.Fault = (request, onward, _) => Task.FromResult<ProxiedReply?>(ProxiedReply.Of(301, "text/html", "", ("Location", "https://elsewhere.test/dir")));

        var failure = await TestCa.FailureAsync(() => ca.Client.DirectoryAsync(CancellationToken.None));

        Assert.That(failure.Message, Does.Contain("it points to https://elsewhere.test/dir"));
    }

    // Fault 13
    [Test]
    public async Task AnOrderThatIsProcessedForAWhileIsWaitedFor()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var looks = 0;
        AfterFinalize(ca, reply => ++looks <= 5 ? reply.With(reply.Text.Replace("\"valid\"", "\"processing\"", StringComparison.Ordinal)) : reply);

        await ObtainAsync(ca);

        Assert.That(looks, Is.GreaterThan(5));
    }

    // Fault 13 and 21
    [TestCase("processing")]
    [TestCase("pondering")]
    public async Task AnOrderThatIsNeverDoneEndsAtTheDeadline(string status)
    {
        await using var ca = await TestCa.CreateAsync(_pebble, Brief);
        AfterFinalize(ca, reply => reply.With(reply.Text.Replace("\"valid\"", $"\"{status}\"", StringComparison.Ordinal).Replace("\"processing\"", $"\"{status}\"", StringComparison.Ordinal)));

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unfinished));
            Assert.That(ca.Journal.Orders[^1].Key, Is.Not.Null, "it can be gone on with");
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
        });
    }

    // Fault 14
    [Test]
    public async Task AnOrderIsValidBeforeItTellsItsCertificate()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var hidden = 0;
        AfterFinalize(ca, reply => reply.Text.Contains("\"certificate\"", StringComparison.Ordinal) && hidden++ < 2 ? reply.With(reply.Text.Replace("\"certificate\"", "\"other\"", StringComparison.Ordinal)) : reply);

        await ObtainAsync(ca);

        Assert.That(hidden, Is.GreaterThan(2));
    }

    // Fault 15
    [Test]
    public async Task AnOrderThatIsNotReadyYetIsLookedAtAndFinalizedAgain()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        FaultOnce(ca, Finalize, (_, _) => Task.FromResult<ProxiedReply?>(ProxiedReply.Problem(403, "orderNotReady")));

        await ObtainAsync(ca);

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(Finalize), Is.EqualTo(2));
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
        });
    }

    // Fault 18 and 62: what a crash at each step leaves is gone on with.
    [TestCase(Finalize, false, 1)]
    [TestCase(Finalize, true, 1)]
    [TestCase(CertificateUrl, true, 1)]
    [TestCase("/authZ/", false, 1)]
    public async Task AnOrderThatWasBrokenOffIsGoneOnWith(string at, bool processed, int orders)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var name = TestCa.NewName();
        using var crash = new CancellationTokenSource();
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (!request.Path.StartsWith(at, StringComparison.Ordinal))
                return await onward(request);
            if (processed)
                await onward(request);
            await crash.CancelAsync();
            return null;
        };
        Assert.That(async () => await ca.Orderer(new NoSolver()).ObtainAsync(TestCa.Wish(name), crash.Token), Throws.InstanceOf<OperationCanceledException>());
        ca.Proxy.Fault = null;

        var issued = await ca.ObtainAsync(TestCa.Wish(name) with { Pending = ca.Journal.Orders[^1] }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.Identifiers, Is.EqualTo(new[] { name }));
            Assert.That(ca.Count(NewOrder), Is.EqualTo(orders));
        });
    }

    // Fault 18: the key is lost.
    [Test]
    public async Task AnOrderWhoseKeyIsLostIsMadeAnew()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var name = TestCa.NewName();
        await ca.ObtainAsync(TestCa.Wish(name), new NoSolver());

        await ca.ObtainAsync(TestCa.Wish(name) with { Pending = ca.Journal.Orders[^1] with { Key = null } }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(NewOrder), Is.EqualTo(2));
            Assert.That(ca.Notices, Has.One.Contains("made with a key that is not here"));
        });
    }

    [Test]
    public async Task AnOrderWhoseCertificateCannotBeUsedIsMadeAnew()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var other = PrivateKey.Generate();
        var name = TestCa.NewName();
        await ca.ObtainAsync(TestCa.Wish(name), new NoSolver());

        var issued = await ca.ObtainAsync(TestCa.Wish(name) with { Pending = ca.Journal.Orders[^1] with { Key = other } }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(issued.Key.Fits(issued.Chain.Leaf), Is.True);
            Assert.That(ca.Count(NewOrder), Is.EqualTo(2));
            Assert.That(ca.Notices, Has.One.Contains("its first certificate is for another key; ordering anew"));
        });
    }

    // Fault 19
    [Test]
    public async Task AnOrderWhoseTimeIsOverIsMadeAnew()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var name = TestCa.NewName();
        var old = await ca.Client.NewOrderAsync(ca.Account, [name], "classic", null, CancellationToken.None);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path == old.Url.AbsolutePath ? reply.With(System.Text.RegularExpressions.Regex.Replace(reply.Text, "\"expires\": *\"[^\"]*\"", "\"expires\":\"2020-01-01T00:00:00Z\"")) : reply;
        };

        await ca.ObtainAsync(TestCa.Wish(name) with { Pending = new PendingOrder(old.Url, null) }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(NewOrder), Is.EqualTo(2));
            Assert.That(ca.Notices, Has.One.Contains("ended at 2020-01-01 00:00:00 UTC"));
        });
    }

    // Fault 20
    [Test]
    public async Task AnOrderThatFailedTellsWhyWithItsSubproblems()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var name = TestCa.NewName();
        AfterFinalize(ca, reply => reply.With(reply.Text.Replace("\"valid\"", "\"invalid\"", StringComparison.Ordinal).Replace("\"processing\"", "\"invalid\"", StringComparison.Ordinal)
            .Replace("\"identifiers\"", $$$"""
                "error":{"type":"urn:ietf:params:acme:error:caa","detail":"not allowed","subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"issue \";\"","identifier":{"type":"dns","value":"{{{name}}}"}}]},"identifiers"
                """, StringComparison.Ordinal)));

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(name), new NoSolver()));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Identifier));
            Assert.That(failure.Identifiers, Is.EqualTo(new[] { name }));
            Assert.That(failure.Message, Does.Contain($"caa: not allowed; {name}: caa: issue \";\""));
        });
    }

    // Fault 21
    [Test]
    public async Task WhatIsNotKnownIsIgnored()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var unknown = 0;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            if (request.Path.StartsWith("/authZ/", StringComparison.Ordinal))
                reply = reply.With(reply.Text.Replace("\"challenges\": [", "\"challenges\": [{\"type\":\"telepathy-01\",\"url\":\"https://x.test/\",\"status\":\"pending\",\"rules\":[{}]},", StringComparison.Ordinal));
            if (reply.Text.Contains("telepathy-01", StringComparison.Ordinal))
                Interlocked.Increment(ref unknown);
            return reply.Text.StartsWith('{') ? reply.With("{\"extra\":{\"deep\":[1,null,true]}," + reply.Text[1..]) : reply;
        };

        var issued = await ObtainAsync(ca);

        Assert.That(issued.Chain.Certificates, Is.Not.Empty);
        Assert.That(unknown, Is.Positive, "the CA's authorizations are spelt in another way, and no unknown challenge was among them");
    }

    // Fault 22
    [TestCase(""" "detail":"no","identifier":{"type":"dns","value":"NAME"} """)]
    [TestCase(""" "detail":"Cannot issue for \"NAME\": it is on a list" """)]
    [TestCase(""" "detail":"the name 'NAME' is on a list" """)]
    public async Task ANameThatIsRefusedWithoutSubproblemsIsLeftOutToo(string said)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var (good, bad) = (TestCa.NewName(), TestCa.NewName());
        var problem = $$"""{"type":"urn:ietf:params:acme:error:rejectedIdentifier",{{said.Replace("NAME", bad.Value, StringComparison.Ordinal)}}}""";
        FaultOnce(ca, NewOrder, (_, _) => Task.FromResult<ProxiedReply?>(ProxiedReply.Of(400, "application/problem+json", problem)));

        var issued = await ca.ObtainAsync(TestCa.Wish(good, bad) with { AllowsSubset = true }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(issued.Identifiers, Is.EqualTo(new[] { good }));
            Assert.That(issued.LeftOut.Select(left => left.Identifier), Is.EqualTo(new[] { bad }));
            Assert.That(ca.Notices, Has.One.EndsWith($"ordering anew without {bad}"));
        });
    }

    // Fault 27
    [Test]
    public async Task AnAccountThatWasDeactivatedIsTroubleOfTheAccount()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        await ca.Client.DeactivateAccountAsync(ca.Account, CancellationToken.None);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Account));
    }

    // Fault 28
    [TestCase(true)]
    [TestCase(false)]
    public async Task AReplyToAChangeOfKeysThatIsLostIsLookedInto(bool processed)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var next = PrivateKey.Generate(KeyType.Ec384);
        FaultOnce(ca, "/rollover-account-key", async (request, onward) =>
        {
            if (processed)
                await onward(request);
            return null;
        });

        if (!processed)
        {
            Assert.That((await TestCa.FailureAsync(() => ca.Client.ChangeKeyAsync(ca.Account, next, CancellationToken.None))).Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(await ca.Client.FindAccountAsync(ca.Key, CancellationToken.None), Is.EqualTo(ca.Account));
            return;
        }

        var changed = await ca.Client.ChangeKeyAsync(ca.Account, next, CancellationToken.None);

        Assert.That((await ca.Client.FindAccountAsync(changed.Key, CancellationToken.None))?.Url, Is.EqualTo(ca.Account.Url));
    }

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
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble);
        var name = TestCa.NewName();
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path.StartsWith("/authZ/", StringComparison.Ordinal) ? reply.With(reply.Text.Replace(name.Value, @"red\u001b[31m\nname", StringComparison.Ordinal)) : reply;
        };

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(name), new NoSolver { OnPresent = (_, _) => throw new ChallengeException("it cannot be written") }));

        Assert.That(failure.Message, Is.EqualTo("cannot present the answer to http-01 for red [31m name: it cannot be written"));
    }

    [Test]
    public async Task EveryRequestNamesTheProgramAndSignedOnesHaveTheExactMediaType()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
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
        await using var ca = await TestCa.CreateAsync(_pebble, withAccount: false);
        using var http = new AcmeHttp(new AcmeHttpOptions { UserAgent = "templater-tests/1.0", Limits = TestCa.Quick }, TimeProvider.System);

        var failure = await TestCa.FailureAsync(() => new AcmeClient(ca.Proxy.DirectoryUrl, http, TimeProvider.System).DirectoryAsync(CancellationToken.None));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(failure.Message, Does.Contain("its TLS certificate is not trusted"));
            Assert.That(ca.Proxy.Requests, Is.Empty);
        });
    }

    private static Task<IssuedCertificate> ObtainAsync(TestCa ca) => ca.ObtainAsync(TestCa.Wish(TestCa.NewName()), new NoSolver());

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

    // The first request to a resource (of nonces: all requests until one was broken) meets the fault, and all others pass.
    private static void FaultOnce(TestCa ca, string resource, Func<ProxiedRequest, AcmeFaultProxy.Onward, Task<ProxiedReply?>> fault, bool everyNonce = false)
    {
        var done = 0;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (request.Path.StartsWith(resource, StringComparison.Ordinal) && Interlocked.Exchange(ref done, 1) == 0)
                return await fault(request, onward);
            var reply = await onward(request);
            return everyNonce && done == 0 ? reply.WithHeader("Replay-Nonce") : reply;
        };
    }

    // Changes what the order says once it was finalized.
    private static void AfterFinalize(TestCa ca, Func<ProxiedReply, ProxiedReply> change)
    {
        var finalized = false;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            finalized |= request.Path.StartsWith(Finalize, StringComparison.Ordinal);
            return finalized && request.Path.StartsWith(OrderUrl, StringComparison.Ordinal) ? change(reply) : reply;
        };
    }

    private static string NonceOf(ProxiedRequest request)
    {
        using var message = System.Text.Json.JsonDocument.Parse(request.Body);
        using var header = System.Text.Json.JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(message.RootElement.GetProperty("protected").GetString()!));
        return header.RootElement.GetProperty("nonce").GetString()!;
    }

    /// <summary>Presents nothing: this Pebble finds every challenge answered.</summary>
    private sealed class NoSolver() : TestSolver(ChallengeType.Http01)
    {
        protected override Task AddAsync(PendingChallenge challenge) => Task.CompletedTask;

        protected override Task RemoveAsync(PendingChallenge challenge) => Task.CompletedTask;
    }
}
