using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// What Centauri does with a file of routes, as far as it matters here: it reads it at its start and at SIGHUP, ends on one that it
/// does not understand, and serves what it understood.
/// </summary>
internal static class CentauriStandIn
{
    /// <summary>The directive whose value is served.</summary>
    public const string WordDirective = "header add X-Word";

    private const string Perl = "/usr/bin/perl";

    /// <summary>Writes the program.</summary>
    /// <param name="directory">Where to.</param>
    /// <returns>Its path. Its name is the process's, by which it is known.</returns>
    public static string Write(string directory)
    {
        if (!File.Exists(Perl))
            Missing.Report("perl is not installed");
        var path = Path.Combine(directory, "centauri");
        File.WriteAllText(path, $$"""
            #!{{Perl}}
            use strict;
            use IO::Socket::INET;
            my ($routes, $port, $pid) = @ARGV;
            my ($word, $isAsked) = ("", 1);
            $SIG{HUP} = sub { $isAsked = 1 };
            $SIG{PIPE} = "IGNORE";
            sub understand {
                open(my $file, "<", $routes) or die "cannot read $routes: $!";
                my $new = "";
                while (<$file>) {
                    if (/^\s*{{WordDirective}} (\w+)$/) { $new = $1 }
                    elsif (!/^\s*(#.*|(route|upstream) .*)?$/) { die "$routes:$.: not understood" }
                }
                $word = $new;
                $isAsked = 0;
            }
            understand();
            my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "cannot listen: $!";
            open(my $file, ">", $pid) or die "cannot write $pid: $!";
            print $file "$$\n";
            close($file);
            while (1) {
                understand() if $isAsked;
                my $ready = "";
                vec($ready, fileno($listener), 1) = 1;
                next if select($ready, undef, undef, 0.1) < 1;
                my $connection = $listener->accept or next;
                sysread($connection, my $request, 4096);
                print $connection "HTTP/1.1 200 OK\r\nContent-Length: " . length($word) . "\r\nConnection: close\r\n\r\n$word";
                close($connection);
            }

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>What routes make it serve; null for none.</summary>
    /// <param name="routes">The routes.</param>
    public static string? WordOf(string? routes) => routes?.Split('\n')
        .Select(static line => line.Trim())
        .Where(static line => line.StartsWith(WordDirective, StringComparison.Ordinal))
        .Select(static line => line[WordDirective.Length..].Trim())
        .LastOrDefault();
}
