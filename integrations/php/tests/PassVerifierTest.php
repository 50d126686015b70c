<?php

declare(strict_types=1);

namespace Membership\Tests;

use Membership\BadPass;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Corpus.php';

final class PassVerifierTest extends TestCase
{
    public static function refused(): array
    {
        return array_map(static fn ($token) => [$token], Corpus::read()['refused']);
    }

    public static function believed(): array
    {
        return array_map(static fn ($token) => [$token], Corpus::read()['believed']);
    }

    /** @dataProvider refused */
    public function testEveryBadPassIsRefused(string $token): void
    {
        $this->expectException(BadPass::class);
        Corpus::verifier()->verify($token);
    }

    /** @dataProvider believed */
    public function testEveryGoodPassIsBelieved(string $token): void
    {
        self::assertNotSame('', Corpus::verifier()->verify($token)->subject);
    }

    public function testAGoodPassSaysWhatTheReaderMayHave(): void
    {
        $claims = Corpus::read()['claims'];
        $found = Corpus::verifier()->verify(Corpus::good());

        self::assertSame(
            [$claims['sub'], $claims['state'], $claims['flags'], $claims['tier'], $claims['ask'], $claims['exp']],
            [$found->subject, $found->state, $found->flags, $found->tier, $found->ask, $found->expiresAt],
        );
        self::assertTrue($found->has('vote'));
        self::assertFalse($found->has('paywall_free'));
    }

    public static function moments(): array
    {
        return [[-71, 'not yet'], [650, 'expired']];
    }

    /** @dataProvider moments */
    public function testAPassDoesNotWorkBeyondTheLeeway(int $skew, string $reason): void
    {
        $this->expectExceptionMessage($reason);
        Corpus::verifier($skew)->verify(Corpus::good());
    }

    public function testAPassWorksWithinTheLeeway(): void
    {
        self::assertSame('active', Corpus::verifier(649)->verify(Corpus::good())->state);
    }
}
