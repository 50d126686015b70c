<?php

declare(strict_types=1);

namespace Membership;

/** Keeps the keys in a file, outside of what the web server shows; replaced whole, so that nobody reads half of it. */
final class FileStore implements Store
{
    public function __construct(private readonly string $path)
    {
    }

    public function get(): ?array
    {
        $kept = is_file($this->path) ? json_decode((string) file_get_contents($this->path), true) : null;
        return is_array($kept) ? $kept : null;
    }

    public function set(array $kept): void
    {
        $folder = dirname($this->path);
        // Where it cannot, PHP would write into the folder for temporary files instead.
        if (!(is_dir($folder) || @mkdir($folder, 0700, true) || is_dir($folder)) || !is_writable($folder)) {
            throw new \RuntimeException("The keys of Membership cannot be kept: $folder cannot be written");
        }
        $fresh = tempnam($folder, 'keys');
        file_put_contents($fresh, json_encode($kept, JSON_THROW_ON_ERROR));
        rename($fresh, $this->path);
    }
}
