<?php

declare(strict_types=1);

namespace Membership\Tests;

use Membership\FileStore;
use Membership\KeyCache;
use Membership\KeysUnavailable;
use Membership\Store;
use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Corpus.php';

final class KeyCacheTest extends TestCase
{
    private const DAY = 24 * 3600;
    private int $now = 1_000_000;
    private int $asked = 0;
    private bool $isDown = false;
    private array $jwks;
    private string $kid;
    private Store $store;

    protected function setUp(): void
    {
        $this->jwks = Corpus::read()['jwks'];
        $this->kid = $this->jwks['keys'][0]['kid'];
        $this->store = new Memory();
    }

    /** A cache as the next request of a PHP site has it. */
    private function keys(): KeyCache
    {
        $fetch = function (): array {
            $this->asked += 1;
            return $this->isDown ? throw new \RuntimeException('down') : $this->jwks;
        };
        return new KeyCache($fetch, $this->store, fn () => $this->now);
    }

    public function testKeysAreFetchedOnceForManyRequests(): void
    {
        for ($request = 0; $request < 50; $request++) {
            self::assertNotNull($this->keys()->get($this->kid));
        }
        self::assertSame(1, $this->asked);
    }

    public function testAFileIsKeptInAFolderThatIsMade(): void
    {
        $folder = sys_get_temp_dir() . '/membership-' . bin2hex(random_bytes(4));
        (new FileStore("$folder/keys.json"))->set(['asked_at' => 1]);
        self::assertSame(['asked_at' => 1], (new FileStore("$folder/keys.json"))->get());
        unlink("$folder/keys.json");
        rmdir($folder);
    }

    public function testAFolderThatCannotBeMadeIsSaidSo(): void
    {
        $this->expectException(\RuntimeException::class);
        (new FileStore(__FILE__ . '/keys.json'))->set(['asked_at' => 1]);
    }

    public function testUnknownKeysAskAtMostOnceAMinute(): void
    {
        for ($second = 0; $second < 100; $second++) {
            $this->now += 1;
            self::assertNull($this->keys()->get("guess-$second"));
        }
        self::assertSame(2, $this->asked);
    }

    public function testARemovedKeyDiesInFiveMinutes(): void
    {
        $this->keys()->get($this->kid);
        [$this->jwks, $this->now] = [['keys' => []], $this->now + 301];
        self::assertNull($this->keys()->get($this->kid));
    }

    public function testTheLastKnownKeysAreGoodForADayWithoutNewsAndNotLonger(): void
    {
        $this->keys()->get($this->kid);
        [$this->isDown, $this->now] = [true, $this->now + self::DAY];
        self::assertNotNull($this->keys()->get($this->kid));

        $this->now += 1;
        $this->expectException(KeysUnavailable::class);
        $this->keys()->get($this->kid);
    }

    public function testNonsenseInsteadOfKeysChangesNothing(): void
    {
        $this->keys()->get($this->kid);
        foreach ([['hello' => 1], ['keys' => 'x'], ['keys' => [['kty' => 'EC', 'crv' => 'P-256', 'kid' => 'a', 'x' => 1]]]] as $jwks) {
            [$this->jwks, $this->now] = [$jwks, $this->now + 301];
            self::assertNotNull($this->keys()->get($this->kid));
        }
    }

    public function testWhatIsNoKeyOfOursIsLeftOut(): void
    {
        $ours = $this->jwks['keys'][0];
        $this->jwks = ['keys' => [['kty' => 'RSA', 'kid' => 'rsa'], ['alg' => 'ES384', 'kid' => 'other'] + $ours, $ours]];
        self::assertNotNull($this->keys()->get($this->kid));
        self::assertNull($this->keys()->get('rsa'));
        self::assertNull($this->keys()->get('other'));
    }

    public function testAFileKeepsTheKeysAndWhatIsNoFileOfKeysIsNothing(): void
    {
        $path = tempnam(sys_get_temp_dir(), 'keys');
        $this->store = new FileStore($path);
        self::assertNotNull($this->keys()->get($this->kid));
        self::assertNotNull($this->keys()->get($this->kid));
        self::assertSame(1, $this->asked);
        unlink($path);
        self::assertNull($this->store->get());
    }
}
