<?php

declare(strict_types=1);

namespace Membership\WordPress;

/** The second request: what of an article this reader may see beyond the wall; and her pass, for embed.js. */
final class Pieces
{
    /** Seconds; a pass is renewed two minutes before it ends. */
    private const BELIEVED_FOR = 120;

    public function __construct(private readonly Door $door, private readonly Gate $gate)
    {
    }

    public function register(): void
    {
        add_action('rest_api_init', function (): void {
            register_rest_route('membership/v1', '/pieces/(?P<post>\d+)', [
                'methods' => 'GET',
                'callback' => $this->answer(...),
                // Whoever she is tells her pass, below.
                'permission_callback' => '__return_true',
            ]);
            foreach (['/pass' => $this->givePass(...), '/reader' => $this->meet(...)] as $path => $answer) {
                register_rest_route('membership/v1', $path, [
                    'methods' => 'GET',
                    'callback' => $answer,
                    'permission_callback' => '__return_true',
                ]);
            }
        });
    }

    /** What Membership itself would give a page that may ask it: a pass, or 401 with how to appeal to a stranger. */
    private function givePass(): \WP_REST_Response
    {
        $pass = $this->door->pass();
        if ($pass === null && $this->door->isDown()) {
            return $this->kept(new \WP_REST_Response(['code' => 'unreachable'], 503));
        }
        if ($pass === null) {
            return $this->kept(new \WP_REST_Response(['ask' => 'full'], 401));
        }
        return $this->kept(new \WP_REST_Response(['pass' => $pass, 'expires_in' => self::BELIEVED_FOR]));
    }

    /** Look who she is now; what is said of her stands in her cookies after it. */
    private function meet(): \WP_REST_Response
    {
        return $this->kept(new \WP_REST_Response(['is_known' => $this->door->recogniseAnew() !== null]));
    }

    private function answer(\WP_REST_Request $request): \WP_REST_Response
    {
        $post = get_post((int) $request['post']);
        if ($post === null || !is_post_publicly_viewable($post) || post_password_required($post)) {
            return $this->kept(new \WP_REST_Response(['code' => 'no_such_article'], 404));
        }
        $reader = $this->door->recognise();
        $pieces = $this->gate->pieces($post, $reader);
        return $this->kept(new \WP_REST_Response(['is_known' => $reader !== null, 'pieces' => (object) $pieces]));
    }

    private function kept(\WP_REST_Response $answer): \WP_REST_Response
    {
        $answer->header('Cache-Control', 'private, no-store');
        $answer->header('Vary', 'Cookie');
        return $answer;
    }
}
