<?php

declare(strict_types=1);

namespace Membership\Tests;

use Membership\Client;
use Membership\Refused;
use Membership\Unreachable;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Corpus.php';

final class ClientTest extends TestCase
{
    /** @var list<mixed> */
    private array $asked = [];

    private function client(int $status, mixed $answer): Client
    {
        $send = function (mixed ...$request) use ($status, $answer): array {
            $this->asked = $request;
            return [$status, json_encode($answer)];
        };
        return new Client('https://members.test/', 'daily', 'sk_site', $send);
    }

    public function testAHandOverKeepsItsSecretAndShowsOnlyItsHash(): void
    {
        $start = $this->client(200, [])->start('https://daily.test/welcome', silent: true);
        parse_str((string) parse_url($start->url, PHP_URL_QUERY), $wish);

        self::assertSame(rtrim(strtr(base64_encode(hash('sha256', $start->verifier, true)), '+/', '-_'), '='), $wish['challenge']);
        self::assertSame([$start->state, 'daily', 'none'], [$wish['state'], $wish['site'], $wish['prompt']]);
        self::assertStringNotContainsString($start->verifier, $start->url);
    }

    public function testACodeBecomesAPassAskedWithTheSitesKey(): void
    {
        $issued = $this->client(200, ['pass' => 'a.b.c', 'subject' => 's', 'expires_in' => 600])->collect('c', 'v');

        self::assertSame(['a.b.c', 's', 600], [$issued->token, $issued->subject, $issued->expiresIn]);
        [$method, $url, $headers, $body] = $this->asked;
        self::assertSame(['POST', 'https://members.test/access/token'], [$method, $url]);
        self::assertSame('Bearer sk_site', $headers['Authorization']);
        self::assertSame('{"code":"c","verifier":"v"}', $body);
    }

    public function testASubjectCannotReachAnotherPath(): void
    {
        $this->client(200, ['state' => 'active'])->decide('../keys?a');
        self::assertSame('https://members.test/api/v1/access/..%2Fkeys%3Fa', $this->asked[1]);
    }

    public function testKeysAreFetchedWithoutTheSitesKey(): void
    {
        self::assertSame(['keys' => []], $this->client(200, ['keys' => []])->fetchKeys());
        self::assertSame([], $this->asked[2]);
    }

    public static function refusals(): array
    {
        return [[400], [401], [404]];
    }

    /** @dataProvider refusals */
    public function testRefusals(int $status): void
    {
        $this->expectExceptionObject(new Refused($status));
        $this->client($status, [])->renew('s');
    }

    public static function troubles(): array
    {
        return [[302, []], [403, []], [429, []], [500, []], [200, 'text'], [200, ['hello' => 1]]];
    }

    /** @dataProvider troubles */
    public function testEverythingElseIsNoWordAboutAReader(int $status, mixed $answer): void
    {
        $this->expectException(Unreachable::class);
        $this->client($status, $answer)->renew('s');
    }

    public function testNobodyThereIsUnreachable(): void
    {
        $this->expectException(Unreachable::class);
        (new Client('http://127.0.0.1:9', 'daily', 'sk_site'))->renew('s');
    }
}
